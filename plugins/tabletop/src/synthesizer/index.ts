import { API_VERSION, SYNTHESIZERS, Type, definePlugin } from '@dda-thinker/plugin-api'
import { type Curriculum, TabletopSynthesizer } from './synthesizer.ts'

export const synthesizer = definePlugin({
  name: 'synthesizer-tabletop',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      curriculum: Type.String({
        enum: ['reasoning', 'literal'],
        default: 'reasoning',
        description:
          'reasoning: tasks whose result is to be worked out. literal: edits told outright, with demonstrations, for a warm start.',
      }),
    },
    { additionalProperties: false },
  ),
  setup(api, { curriculum }) {
    api.contribute(SYNTHESIZERS, () => new TabletopSynthesizer(curriculum as Curriculum))
  },
})
