import { API_VERSION, EDITOR, Type, definePlugin } from '@dda-thinker/plugin-api'
import { tabletopEditor } from '@dda-thinker/tabletop-world'

/** Options of the tabletop Editor. */
export const editorOptions = Type.Object(
  {
    /** Largest offset of what it draws from its exact place, pixels along each axis. */
    jitter: Type.Integer({ minimum: 0, maximum: 8, default: 1 }),
    /** Probability that it overlooks an edit of the plan. */
    missRate: Type.Number({ minimum: 0, maximum: 1, default: 0 }),
  },
  { additionalProperties: false },
)

/** The fixed, literal Editor: told exactly what to do it does it; given an instruction to think about it does nothing. */
export const editorPlugin = definePlugin({
  name: 'tabletop',
  apiVersion: API_VERSION,
  options: editorOptions,
  setup(api, { jitter, missRate }) {
    const fingerprint = `tabletop-editor/1 jitter=${jitter} missRate=${missRate}`
    api.provide(EDITOR, () => tabletopEditor({ fingerprint, jitter, missRate }))
  },
})
