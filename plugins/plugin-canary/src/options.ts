import { Type, type Static } from '@dda-thinker/plugin-api'
import { KINDS, type Kind } from './canary.ts'

const kind = Type.Unsafe<Kind>({ type: 'string', enum: [...KINDS] })
const share = Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: '`maxPassRate` of this kind.' }))

export const options = Type.Object(
  {
    rate: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.05,
      description: 'Share of the rollouts of a training step that a canary is asked for.',
    }),
    kinds: Type.Array(kind, {
      minItems: 1,
      uniqueItems: true,
      default: [...KINDS],
      description: 'Kinds of canaries to choose from.',
    }),
    minimum: Type.Integer({
      minimum: 1,
      default: 20,
      description: 'Answers of a judge to a kind, over the run, before an alarm.',
    }),
    maxPassRate: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.2,
      description: 'Share of these answers that may be yes.',
    }),
    thresholds: Type.Object(
      {
        'empty-plan': share,
        'yes-plan': share,
        'unchanged-source': share,
        'swapped-image': share,
        trap: share,
      } satisfies Record<Kind, unknown>,
      { additionalProperties: false, default: {} },
    ),
    onAlarm: Type.Union([Type.Literal('warn'), Type.Literal('stop')], {
      default: 'warn',
      description: 'Warn and go on, or end the run, which can be continued.',
    }),
    traps: Type.Array(
      Type.Object(
        {
          scope: Type.Union([Type.Literal('cognitive'), Type.Literal('visual')]),
          question: Type.String({ minLength: 1 }),
        },
        { additionalProperties: false },
      ),
      {
        default: [
          { scope: 'cognitive', question: 'Does the plan ask for a page of printed sheet music?' },
          { scope: 'visual', question: 'Is the edited picture a page of printed sheet music?' },
        ],
        description: 'Questions of the kind `trap`: about any sample, the right answer is no.',
      },
    ),
    calibration: Type.Optional(
      Type.Object(
        {
          file: Type.String({ minLength: 1, description: 'The set, as `dda annotate <run> --calibration` writes it.' }),
          every: Type.Integer({ minimum: 1, default: 50, description: 'Steps from one check to the next.' }),
          questions: Type.Integer({
            minimum: 1,
            default: 50,
            description: 'Questions asked in a check at most: the same ones each time, drawn with the seed of the run.',
          }),
        },
        {
          additionalProperties: false,
          description: 'What people have answered, to be asked of the judges now and then. Default: nothing.',
        },
      ),
    ),
  },
  { additionalProperties: false },
)

export type CanaryOptions = Static<typeof options>
