import { resolve } from 'node:path'
import { API_VERSION, definePlugin, SYNTHESIZERS, type Synthesizer, withDefaults } from '@dda-thinker/plugin-api'
import { OPTIONS, type VlmSynthesizerOptions } from './options.ts'
import { settingsOf } from './settings.ts'
import { VlmSynthesizer } from './vlm-synthesizer.ts'

export { OPTIONS, type VlmSynthesizerOptions } from './options.ts'
export { ITEM_REASONS, TASK_REASONS, type ItemReason, type TaskReason } from './reasons.ts'

/** Samples from people's own pictures by any OpenAI-compatible vision-language model; checklists for samples that have none. */
export default definePlugin({
  name: 'synthesizer-vlm',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, given) {
    const settings = settingsOf(given, (path) => api.resolvePath(path))
    api.contribute(SYNTHESIZERS, () => new VlmSynthesizer(settings))
  },
})

/** The synthesizer for use without a config: paths are taken from the working directory, options not given have their defaults. */
export function vlmSynthesizer(
  given: Partial<VlmSynthesizerOptions> & Pick<VlmSynthesizerOptions, 'model'>,
): Synthesizer {
  return new VlmSynthesizer(settingsOf(withDefaults<VlmSynthesizerOptions>(OPTIONS, given), (path) => resolve(path)))
}
