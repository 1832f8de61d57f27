import { API_VERSION, JUDGES, type Scope, Type, definePlugin } from '@dda-thinker/plugin-api'
import { TabletopJudge } from './judge.ts'

export const judge = definePlugin({
  name: 'judge-tabletop',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      scopes: Type.Array(Type.String({ enum: ['cognitive', 'visual'] }), {
        default: ['cognitive', 'visual'],
        minItems: 1,
        uniqueItems: true,
        description: 'What it answers: questions about plans, about pictures, or both.',
      }),
    },
    { additionalProperties: false },
  ),
  setup(api, { scopes }) {
    api.contribute(JUDGES, () => new TabletopJudge(scopes as readonly Scope[]))
  },
})
