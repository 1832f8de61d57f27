import { Type, type Static } from '@dda-thinker/plugin-api'
import { endpointOptions } from '@dda-thinker/endpoints'
import { plannerOptions } from '@dda-thinker/chat-roles'

const { endpoints, ...pool } = endpointOptions({ perEndpoint: 8, timeoutSeconds: 600 })

export const options = Type.Object(
  {
    /** Base URL of the one server, ending in /v1 for most. */
    endpoint: Type.Optional(Type.String({ minLength: 1 })),
    endpoints: Type.Optional(endpoints),
    ...pool,
    /** Model to ask for, as the server lists it. */
    model: Type.String({ minLength: 1 }),
    ...plannerOptions({ maxTokens: 2048 }),
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

export type ThinkerOptions = Static<typeof options>
