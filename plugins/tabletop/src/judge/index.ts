import { API_VERSION, JUDGES, type Scope, Type, definePlugin } from '@dda-thinker/plugin-api'
import { TabletopJudge } from './judge.ts'

const NO_ERRORS = { cognitive: 0, visual: 0 }

function errorRate(what: string) {
  return Type.Number({ minimum: 0, maximum: 1, default: 0, description: `Share of wrong answers about ${what}.` })
}

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
      errorRate: Type.Object(
        { cognitive: errorRate('plans'), visual: errorRate('pictures') },
        {
          additionalProperties: false,
          default: NO_ERRORS,
          description:
            'How often it says yes for no and no for yes. The same question about the same plan or picture has the same answer.',
        },
      ),
      errorSeed: Type.Integer({ minimum: 0, default: 0, description: 'Decides which answers are wrong.' }),
    },
    { additionalProperties: false },
  ),
  setup(api, { scopes, errorRate: rate, errorSeed }) {
    api.contribute(JUDGES, () => new TabletopJudge(scopes as readonly Scope[], { rate, seed: errorSeed }))
  },
})
