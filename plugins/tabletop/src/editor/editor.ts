import { API_VERSION, EDITOR, Type, definePlugin } from '@dda-thinker/plugin-api'
import { DEFAULT_LONG_PLAN, tabletopEditor } from '@dda-thinker/tabletop-world'

function rate(what: string) {
  return Type.Number({ minimum: 0, maximum: 1, default: 0, description: `Probability ${what}.` })
}

/** Options of the tabletop Editor. */
export const editorOptions = Type.Object(
  {
    jitter: Type.Integer({
      minimum: 0,
      maximum: 8,
      default: 1,
      description: 'Largest offset of what it draws from its exact place, pixels along each axis.',
    }),
    missRate: rate('that it overlooks an edit of the plan'),
    longPlanMissRate: rate('that it forgets the second half of a long plan'),
    longPlan: Type.Integer({
      minimum: 2,
      default: DEFAULT_LONG_PLAN,
      description: 'Edits from which on a plan is long.',
    }),
    damageRate: rate('that it also removes, resizes or changes a thing that the plan does not name'),
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
