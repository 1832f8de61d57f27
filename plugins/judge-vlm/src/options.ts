import { Type, type Static } from '@dda-thinker/plugin-api'
import { endpointOptions } from '@dda-thinker/endpoints'

const { endpoints, ...pool } = endpointOptions({ perEndpoint: 8, timeoutSeconds: 300 })

export const options = Type.Object(
  {
    /** Base URL of the one server, ending in /v1 for most. */
    endpoint: Type.Optional(Type.String({ minLength: 1 })),
    endpoints: Type.Optional(endpoints),
    ...pool,
    /** Model to ask for, as the server lists it. */
    model: Type.String({ minLength: 1 }),
    /** What it answers: questions about plans, about pictures, or both. */
    scope: Type.Union([Type.Literal('cognitive'), Type.Literal('visual'), Type.Literal('both')], { default: 'both' }),
    /** What it is shown of the sample beside pictures, or plan, and questions. */
    sees: Type.Array(Type.Union([Type.Literal('instruction'), Type.Literal('reference')]), {
      default: [],
      uniqueItems: true,
    }),
    /** One call for a whole checklist, or one for each item. Default: `checklist`; `item` for log-probabilities. */
    ask: Type.Optional(Type.Union([Type.Literal('checklist'), Type.Literal('item')])),
    /** Verdicts as JSON, or soft scores from the log-probabilities of yes and no. */
    score: Type.Union([Type.Literal('verdict'), Type.Literal('logprobs')], { default: 'verdict' }),
    /** How the server is held to the JSON schema. */
    structured: Type.Union(
      [
        Type.Literal('json_schema'),
        Type.Literal('structured_outputs'),
        Type.Literal('guided_json'),
        Type.Literal('json_object'),
        Type.Literal('none'),
      ],
      { default: 'json_schema' },
    ),
    /** Have it write a reason before each answer. */
    reasons: Type.Boolean({ default: true }),
    /** Characters of a reason, as `maxLength` in the schema. Default: 500 where the server is vLLM by `structured`; hosted services may refuse the keyword. */
    reasonLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Answers taken for each item; the majority counts, or the mean of soft scores. */
    samples: Type.Integer({ minimum: 1, maximum: 64, default: 1 }),
    temperature: Type.Number({ minimum: 0, maximum: 2, default: 0 }),
    /** Of the first sample; later ones and repetitions count on from it. */
    seed: Type.Integer({ minimum: 0, maximum: 2_147_000_000, default: 0 }),
    /** Tokens of an answer. Default: 2048; 8 for log-probabilities without `answerAfter`. */
    maxTokens: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Times an unparsable answer is asked for in all. */
    answerAttempts: Type.Integer({ minimum: 1, maximum: 10, default: 3 }),
    /** Temperature of repetitions, where it is above `temperature`: a greedy model would write the same again. */
    retryTemperature: Type.Number({ minimum: 0, maximum: 2, default: 0.7 }),
    /** Alternatives asked for at each token; vLLM allows 20 unless told otherwise. */
    topLogprobs: Type.Integer({ minimum: 2, maximum: 100, default: 20 }),
    /** Probability that yes and no must have together. */
    minMass: Type.Number({ minimum: 0, maximum: 1, default: 0.8 }),
    /** What becomes of an answer below `minMass`. */
    lowMass: Type.Union([Type.Literal('fail'), Type.Literal('unsure')], { default: 'fail' }),
    /** Soft scores closer to one half than this are `unsure`. */
    margin: Type.Number({ minimum: 0, maximum: 0.5, default: 0 }),
    /** Characters of a plan that are shown, after sanitising. */
    planLimit: Type.Integer({ minimum: 1, maximum: 200_000, default: 4000 }),
    /** Added to the system prompt, for example what counts as unchanged in this domain. */
    guidance: Type.Optional(Type.String({ minLength: 1 })),
    /** Only what follows the last of these is read, for models that think aloud: `</think>`. */
    answerAfter: Type.Optional(Type.String({ minLength: 1 })),
    /** Further fields of the request; null leaves one of the plugin's own out. */
    params: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), { default: {} }),
    /** Now and then a request that has no right to pass, and an alarm when it does. Default: none. */
    canaries: Type.Optional(
      Type.Object(
        {
          /** A canary for so many requests. */
          every: Type.Integer({ minimum: 1, default: 50 }),
          /** Canaries of a kind before an alarm. */
          minimum: Type.Integer({ minimum: 1, default: 10 }),
          /** Share of a kind's canaries that may be solved. */
          maxSolved: Type.Number({ minimum: 0, maximum: 1, default: 0.1 }),
          /** `fail`: all further requests fail. */
          onAlarm: Type.Union([Type.Literal('warn'), Type.Literal('fail')], { default: 'warn' }),
        },
        { additionalProperties: false },
      ),
    ),
    /** How closely hosted models look at pictures. */
    detail: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('low'), Type.Literal('high')])),
    /** Send each picture's hash as vLLM's `uuid`. */
    imageUuid: Type.Boolean({ default: false }),
    /** Pictures with more pixels, width × height, are made smaller before they are sent: a context that is full would mask the sample for ever. */
    maxPixels: Type.Integer({ minimum: 1024, default: 2_097_152 }),
    /** Largest picture that is sent, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, default: 20_971_520 }),
    /** Whether the fingerprint holds what `GET models` says (`server`) or the config alone (`config`). */
    identity: Type.Union([Type.Literal('server'), Type.Literal('config')], { default: 'server' }),
  },
  { additionalProperties: false },
)

export type JudgeOptions = Static<typeof options>
