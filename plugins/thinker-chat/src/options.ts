import { Type, type Static } from '@dda-thinker/plugin-api'
import { endpointOptions } from '@dda-thinker/endpoints'
import { TAG_NAME } from '@dda-thinker/plan-text'

const { endpoints, ...pool } = endpointOptions({ perEndpoint: 8, timeoutSeconds: 600 })

export const options = Type.Object(
  {
    /** Base URL of the one server, ending in /v1 for most. */
    endpoint: Type.Optional(Type.String({ minLength: 1 })),
    endpoints: Type.Optional(endpoints),
    ...pool,
    /** Model to ask for, as the server lists it. */
    model: Type.String({ minLength: 1 }),
    /** Where a request names none; 0 is greedy. */
    temperature: Type.Number({ minimum: 0, maximum: 2, default: 1 }),
    /** Tokens of a plan, reasoning included. */
    maxTokens: Type.Integer({ minimum: 1, default: 2048 }),
    /** Names of the blocks of a plan. */
    tags: Type.Object(
      {
        /** Block that explains; null: none is asked for and none may be there. */
        reasoning: Type.Union([Type.String(TAG_NAME), Type.Null()], { default: 'look' }),
        /** Block that the Editor is told. */
        plan: Type.String({ ...TAG_NAME, default: 'plan' }),
      },
      { additionalProperties: false, default: { reasoning: 'look', plan: 'plan' } },
    ),
    /** Characters of the executable plan; longer ones fail the format. Default: no limit. */
    planLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Replaces the description of the task; how to write the plan is always added. */
    systemPrompt: Type.Optional(Type.String({ minLength: 1 })),
    /** Only what follows the last of these is the plan, for models that think aloud: `</think>`. */
    answerAfter: Type.Optional(Type.String({ minLength: 1 })),
    /** Further fields of the request; null leaves one of the plugin's own out. */
    params: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), { default: {} }),
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

export type ThinkerOptions = Static<typeof options>
