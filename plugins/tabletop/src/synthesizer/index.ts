import { API_VERSION, SYNTHESIZERS, Type, definePlugin } from '@dda-thinker/plugin-api'
import { CURRICULA, type Curriculum, TabletopSynthesizer } from './synthesizer.ts'

export const synthesizer = definePlugin({
  name: 'synthesizer-tabletop',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      curriculum: Type.String({
        enum: [...CURRICULA],
        default: 'reasoning',
        description:
          'reasoning: tasks whose result is to be worked out; composed: two or three of their rules at once, 3 to 6 edits. For a warm ' +
          'start, with demonstrations: literal, edits told outright; unclear and unclear-composed, ideas carried out that have ' +
          'nothing to do with the sentences beside them.',
      }),
      share: Type.Number({
        minimum: 0,
        maximum: 1,
        default: 1,
        description: 'Share of the requested samples that it makes, where several synthesizers make them together.',
      }),
    },
    { additionalProperties: false },
  ),
  setup(api, { curriculum, share }) {
    api.contribute(SYNTHESIZERS, () => new TabletopSynthesizer(curriculum as Curriculum, share))
  },
})
