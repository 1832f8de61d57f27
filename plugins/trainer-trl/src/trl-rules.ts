import { withDefaults } from '@dda-thinker/plugin-api'
import type { IgnoredOptions } from '@dda-thinker/ppo-options'
import { trlOptions, type TrlOptions } from './options.ts'

const IGNORED: readonly IgnoredOptions<TrlOptions>[] = [
  {
    when: ({ streams }) => streams.mode === 'sum',
    because: '`streams.mode` is sum, the reward as it is',
    options: ['streams.weights'],
    beside: ['streams.mode'],
  },
]

/** What the options are settled by, and held to. */
export const trlRules = ({ model, python }: TrlOptions) => ({
  defaults: withDefaults<TrlOptions>(trlOptions, { model, python }),
  ignored: IGNORED,
  complete: (options: TrlOptions) => options,
})
