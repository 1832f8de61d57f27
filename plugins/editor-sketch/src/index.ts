import { API_VERSION, EDITOR, Type, definePlugin } from '@dda-thinker/plugin-api'
import { tabletopEditor } from '@dda-thinker/tabletop-world'
import { pencil } from './pencil.ts'

const options = Type.Object(
  {
    jitter: Type.Integer({
      minimum: 0,
      maximum: 8,
      default: 3,
      description: 'Largest offset of what it draws from its exact place, pixels along each axis.',
    }),
    missRate: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.08,
      description: 'Probability that it overlooks an edit of the plan.',
    }),
    attention: Type.Integer({
      minimum: 1,
      maximum: 16,
      default: 2,
      description: 'Edits of a plan that it attends to; it forgets the rest.',
    }),
  },
  { additionalProperties: false },
)

/**
 * A second Editor for the tabletop world: draws in coloured pencil, with an unsteady hand and a short memory. Swapping
 * it for the `tabletop` Editor shows how far plans lean on the Editor they were learned with.
 */
export default definePlugin({
  name: 'editor-sketch',
  apiVersion: API_VERSION,
  options,
  setup(api, { jitter, missRate, attention }) {
    const fingerprint = `editor-sketch/1 jitter=${jitter} missRate=${missRate} attention=${attention}`
    api.provide(EDITOR, () => tabletopEditor({ fingerprint, jitter, missRate, maxClauses: attention, style: pencil }))
  },
})

export { pencil } from './pencil.ts'
