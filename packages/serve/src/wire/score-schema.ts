import { type Static, Type } from '@dda-thinker/plugin-api'

/*
 * The wire contract of the service. Requests are validated by these schemas, the types of the code are theirs, and /openapi.json is
 * printed from them. A field that is not named here is refused: nothing that a caller wishes for is ignored in silence.
 */

const closed = { additionalProperties: false } as const

/** Bytes of a picture in a request at most, as base64; the whole body has a limit of its own. */
const PICTURE_CHARACTERS = 12 * 2 ** 20

const Picture = Type.String({
  minLength: 1,
  maxLength: PICTURE_CHARACTERS,
  description: 'PNG, JPEG or WebP as base64, or as a data URL.',
})

const Scope = Type.String({ enum: ['cognitive', 'visual'] })

export const ChecklistItemSchema = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 200 }),
    scope: Scope,
    question: Type.String({ minLength: 1, maxLength: 4000 }),
    expected: Type.String({ enum: ['yes', 'no'] }),
    weight: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Within its scope. Default 1.' })),
    critical: Type.Optional(Type.Boolean({ description: 'If failed, its scope counts 0. Default false.' })),
    aspect: Type.Optional(Type.String({ enum: ['change', 'preservation'] })),
    check: Type.Optional(
      Type.Object(
        { kind: Type.String({ minLength: 1 }) },
        { additionalProperties: true, description: 'How a measuring judge answers it.' },
      ),
    ),
  },
  closed,
)

export const InlineSampleSchema = Type.Object(
  {
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Default: made from the content.' })),
    images: Type.Array(Picture, { minItems: 1, maxItems: 8, description: 'Source pictures, in order.' }),
    instruction: Type.String({ minLength: 1, maxLength: 20_000 }),
    checklist: Type.Array(ChecklistItemSchema, { minItems: 1, maxItems: 256 }),
    reference: Type.Optional(Type.String({ maxLength: 20_000, description: 'The ideal edited scene in words.' })),
    referenceImage: Type.Optional(Picture),
    category: Type.Optional(Type.String({ maxLength: 200 })),
    subtask: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { ...closed, description: 'A sample that is not one of the data that the service was started with.' },
)

const requestFields = {
  plan: Type.Optional(
    Type.String({
      maxLength: 1_000_000,
      description: 'The executable plan alone, as the Editor is told it. Either this or `completion`.',
    }),
  ),
  completion: Type.Optional(
    Type.String({
      maxLength: 1_000_000,
      description:
        'Everything that the policy wrote; the service reads reasoning and plan out of it, and checks its format.',
    }),
  ),
  ended: Type.Optional(
    Type.Boolean({ description: 'Did the policy end by itself? false: it was cut at a token limit. Default true.' }),
  ),
  sampleId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 500, description: 'A sample of the data. Either this or `sample`.' }),
  ),
  sample: Type.Optional(InlineSampleSchema),
  streams: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      minItems: 1,
      maxItems: 32,
      description:
        'Streams of the reward that are wanted. Without one that looks at the picture nothing is edited. Default: all.',
    }),
  ),
  seed: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 4_294_967_295,
      description:
        'What the plan was sampled with, for the record. Edits of a sample all have the seed of the sample. Default 0.',
    }),
  ),
  group: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Rollouts compared with each other. Default: the sample.',
    }),
  ),
  member: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Place in the group. Default 0.' }),
  ),
  step: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000_000,
      description: 'Training step of the caller, for the record. Default 0.',
    }),
  ),
}

const deadlineSeconds = Type.Optional(
  Type.Number({
    exclusiveMinimum: 0,
    maximum: 86_400,
    description: "The caller's own time-out. The answer comes before it, and before the service's own deadline.",
  }),
)

export const ScoreRequestSchema = Type.Object({ ...requestFields, deadlineSeconds }, closed)
export const BatchRequestSchema = Type.Object(
  { requests: Type.Array(Type.Object(requestFields, closed), { minItems: 1, maxItems: 1024 }), deadlineSeconds },
  closed,
)

const numbers = (description: string) => Type.Record(Type.String(), Type.Number(), { description })

const FailureSchema = Type.Object({
  kind: Type.String({
    enum: [
      'timeout',
      'rate-limit',
      'server',
      'connection',
      'refusal',
      'bad-output',
      'bad-input',
      'unavailable',
      'plugin-error',
    ],
  }),
  stage: Type.String({ enum: ['plan', 'edit', 'judge', 'reward'] }),
  code: Type.String(),
  message: Type.String(),
  next: Type.Optional(Type.String()),
  plugin: Type.Optional(Type.String()),
  transient: Type.Boolean({ description: 'May another try succeed?' }),
})

const ItemSchema = Type.Object({
  id: Type.String(),
  scope: Scope,
  stream: Type.String({ description: 'Of the reward, to which the contribution belongs.' }),
  passed: Type.Boolean(),
  contribution: Type.Number({ description: 'Its share of the reward.' }),
  answer: Type.Optional(Type.String({ enum: ['yes', 'no', 'unsure'], description: "The judge's." })),
  probability: Type.Optional(Type.Number({ description: 'Of yes, where the judge gives one.' })),
})

export const ScoreSchema = Type.Object({
  id: Type.String({ description: 'Of the rollout in the journal of the service.' }),
  sampleId: Type.String(),
  status: Type.String({
    enum: ['scored', 'gated', 'masked'],
    description:
      'scored: edited and judged. gated: rewarded from the plan alone, nothing was edited. masked: something failed, there is no reward.',
  }),
  reward: Type.Union([Type.Number(), Type.Null()], {
    description: 'null where masked: a failure is never a number. Leave such rollouts out of the update.',
  }),
  components: numbers('Unweighted parts of the reward, each in [0, 1]. Empty where masked.'),
  streams: numbers('Weighted parts that add up to the reward, by stream. Empty where masked.'),
  items: Type.Array(ItemSchema, { description: 'Of the checklist, as far as asked. Empty where masked.' }),
  format: Type.Object({ ok: Type.Boolean(), problem: Type.Optional(Type.String()) }),
  gate: Type.Optional(Type.String({ description: 'Why it is gated.' })),
  failure: Type.Optional(FailureSchema),
  edit: Type.Optional(
    Type.Object({
      hash: Type.String({ description: 'SHA-256 of the edited picture in the store.' }),
      seed: Type.Integer(),
    }),
  ),
  cache: Type.String({
    enum: ['none', 'shared', 'kept'],
    description:
      'none: this request went through the engine (which itself buys no edit or verdict twice). shared: it joined an equal request under way. kept: an equal one was answered before.',
  }),
  timings: Type.Object({
    seconds: Type.Number({ description: 'From the request to the answer.' }),
    deadlineSeconds: Type.Number({ description: 'Before which the answer had to come.' }),
  }),
})

export const ErrorSchema = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), next: Type.Optional(Type.String()) }),
})

export const BatchSchema = Type.Object({
  results: Type.Array(Type.Union([ScoreSchema, ErrorSchema]), {
    description: 'In the order of the requests: a score, or the error of that one request.',
  }),
})

export const JobSchema = Type.Object({
  id: Type.String({ description: 'The same for equal requests.' }),
  status: Type.String({ enum: ['pending', 'done', 'failed'] }),
  score: Type.Optional(ScoreSchema),
  error: Type.Optional(ErrorSchema.properties.error),
})

export type ScoreRequest = Static<typeof ScoreRequestSchema>
export type BatchRequest = Static<typeof BatchRequestSchema>
export type InlineSample = Static<typeof InlineSampleSchema>
export type Score = Static<typeof ScoreSchema>
export type WireError = Static<typeof ErrorSchema>
export type Job = Static<typeof JobSchema>
