import { API_VERSION, EDITOR, Type, definePlugin } from '@dda-thinker/plugin-api'
import { DEFAULT_LONG_PLAN, tabletopEditor } from '@dda-thinker/tabletop-world'

/** Options of the tabletop Editor. */
export const editorOptions = Type.Object(
  {
    /** Largest offset of what it draws from its exact place, pixels along each axis. */
    jitter: Type.Integer({ minimum: 0, maximum: 8, default: 1 }),
    /** Probability that it overlooks an edit of the plan. */
    missRate: Type.Number({ minimum: 0, maximum: 1, default: 0 }),
    /** Probability that it forgets the second half of a long plan. */
    longPlanMissRate: Type.Number({ minimum: 0, maximum: 1, default: 0 }),
    /** Edits from which on a plan is long. */
    longPlan: Type.Integer({ minimum: 2, default: DEFAULT_LONG_PLAN }),
    /** Probability that it also changes a thing that the plan does not name. */
    damageRate: Type.Number({ minimum: 0, maximum: 1, default: 0 }),
  },
  { additionalProperties: false },
)

/** The fixed, literal Editor: told exactly what to do it does it; given an instruction to think about it does nothing. */
export const editorPlugin = definePlugin({
  name: 'tabletop',
  apiVersion: API_VERSION,
  options: editorOptions,
  setup(api, options) {
    const { jitter, missRate, longPlanMissRate, longPlan, damageRate } = options
    // Only what is set is named: what was edited before these settings existed stays cached.
    const forgets = longPlanMissRate === 0 ? '' : ` longPlanMissRate=${longPlanMissRate} longPlan=${longPlan}`
    const damages = damageRate === 0 ? '' : ` damageRate=${damageRate}`
    const fingerprint = `tabletop-editor/1 jitter=${jitter} missRate=${missRate}${forgets}${damages}`
    api.provide(EDITOR, () => tabletopEditor({ fingerprint, ...options }))
  },
})
