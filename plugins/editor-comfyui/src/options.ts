import { Type, type Static } from '@dda-thinker/plugin-api'
import { endpointOptions } from '@dda-thinker/endpoints'
import { IMAGE_LIMITS } from '@dda-thinker/pictures'

/** Where a value goes: node id, `inputs`, name of the input. */
const slot = Type.String({ pattern: '^.+\\.inputs\\..+$' })

export const options = Type.Object(
  {
    ...endpointOptions({ perEndpoint: 2, timeoutSeconds: 1800 }),
    /** Workflow in API format, relative to the config file. */
    workflow: Type.String({ minLength: 1 }),
    /** Inputs of the workflow that an edit fills, as `nodeId.inputs.name`. */
    slots: Type.Object(
      {
        /** Of a node that loads pictures from the input folder; one slot for each source picture. */
        image: Type.Union([slot, Type.Array(slot, { minItems: 1, maxItems: 64, uniqueItems: true })]),
        prompt: slot,
        seed: Type.Optional(slot),
        /** Gets the width of the first source picture. */
        width: Type.Optional(slot),
        /** Gets the height of the first source picture. */
        height: Type.Optional(slot),
      },
      { additionalProperties: false },
    ),
    /** Id of the node whose picture is the result. Default: the only one that gives a picture. */
    output: Type.Optional(Type.String({ minLength: 1 })),
    /** Further values for the workflow: `{ '3.inputs.steps': 20 }`. */
    params: Type.Record(slot, Type.Union([Type.String(), Type.Number(), Type.Boolean()]), { default: {} }),
    /** How the end of a job is learned. */
    wait: Type.Union([Type.Literal('websocket'), Type.Literal('poll')], { default: 'websocket' }),
    /** Between two looks at a job, where no websocket tells. */
    pollSeconds: Type.Number({ minimum: 0.001, maximum: 600, default: 1 }),
    /** Jobs in a server's queue, those of others included, from which on no edit is added. Default: no limit. */
    queueLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** How repeatable the server is. Default: `visual` with a slot for the seed, else `none`. */
    determinism: Type.Optional(Type.Union([Type.Literal('bitwise'), Type.Literal('visual'), Type.Literal('none')])),
    /** Characters of a plan. Default: no limit. */
    promptLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Whether the fingerprint holds the versions that the servers report (`server`) or the config alone (`config`). */
    identity: Type.Union([Type.Literal('server'), Type.Literal('config')], { default: 'server' }),
    /** What else decides the pictures and no server reports, for example of which revision the model files are. */
    revision: Type.Optional(Type.String()),
    /** Largest result, width × height. */
    maxPixels: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.pixels, default: IMAGE_LIMITS.pixels }),
    /** Largest result, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.bytes, default: IMAGE_LIMITS.bytes }),
  },
  { additionalProperties: false },
)

export type EditorOptions = Static<typeof options>
