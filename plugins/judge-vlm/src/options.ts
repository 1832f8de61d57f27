import { Type, type Static } from '@dda-thinker/plugin-api'
import { checklistOptions } from '@dda-thinker/chat-roles'
import { endpointOptions } from '@dda-thinker/endpoints'

const { endpoints, ...pool } = endpointOptions({ perEndpoint: 8, timeoutSeconds: 300 })

export const options = Type.Object(
  {
    /** Base URL of the one server, ending in /v1 for most. */
    endpoint: Type.Optional(Type.String({ minLength: 1 })),
    endpoints: Type.Optional(endpoints),
    ...pool,
    ...checklistOptions(),
    /** Model to ask for, as the server lists it. */
    model: Type.String({ minLength: 1 }),
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
    /** Characters of a reason, as `maxLength` in the schema. Default: 500 where the server is vLLM by `structured`; hosted services may refuse the keyword. */
    reasonLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Tokens of an answer. Default: 2048; 8 for log-probabilities without `answerAfter`. */
    maxTokens: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Alternatives asked for at each token; vLLM allows 20 unless told otherwise. */
    topLogprobs: Type.Integer({ minimum: 2, maximum: 100, default: 20 }),
    /** Probability that yes and no must have together. */
    minMass: Type.Number({ minimum: 0, maximum: 1, default: 0.8 }),
    /** What becomes of an answer below `minMass`. */
    lowMass: Type.Union([Type.Literal('fail'), Type.Literal('unsure')], { default: 'fail' }),
    /** Further fields of the request; null leaves one of the plugin's own out. */
    params: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), { default: {} }),
    /** How closely hosted models look at pictures. */
    detail: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('low'), Type.Literal('high')])),
    /** Send each picture's hash as vLLM's `uuid`. */
    imageUuid: Type.Boolean({ default: false }),
    /** Whether the fingerprint holds what `GET models` says (`server`) or the config alone (`config`). */
    identity: Type.Union([Type.Literal('server'), Type.Literal('config')], { default: 'server' }),
  },
  { additionalProperties: false },
)

export type JudgeOptions = Static<typeof options>
