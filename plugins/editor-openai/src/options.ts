import { Type, type Static } from '@dda-thinker/plugin-api'
import { endpointOptions } from '@dda-thinker/endpoints'
import { IMAGE_LIMITS } from '@dda-thinker/pictures'

const param = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])

export const options = Type.Object(
  {
    ...endpointOptions({ perEndpoint: 2, timeoutSeconds: 1800 }),
    /** Whose habits the server has. */
    dialect: Type.Union(
      [
        Type.Literal('openai'),
        Type.Literal('vllm-omni'),
        Type.Literal('sglang'),
        Type.Literal('litellm'),
        Type.Literal('generic'),
      ],
      { default: 'generic' },
    ),
    /** Model to ask for; servers of one model need none. */
    model: Type.Optional(Type.String({ minLength: 1 })),
    /** Route below the base URL. */
    path: Type.String({ minLength: 1, pattern: '^[^/?#][^?#]*$', default: 'images/edits' }),
    /** Name of the file parts. `auto`: `image` for one picture, `image[]` for several. */
    imageField: Type.Union([Type.Literal('auto'), Type.Literal('image'), Type.Literal('image[]')], { default: 'auto' }),
    /** Size of the result: the server's default if absent; `source` is that of the first source picture. */
    size: Type.Optional(Type.String({ pattern: '^(auto|source|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})$' })),
    /** Whether to send the seed. Default: as the dialect. */
    seed: Type.Optional(Type.Boolean()),
    /** Further fields of the form, for example `num_inference_steps`; null leaves one of the dialect's fields out. */
    params: Type.Record(Type.String({ minLength: 1 }), param, { default: {} }),
    /** Other names for fields, for servers with a vocabulary of their own: `{ num_inference_steps: steps }`. */
    rename: Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 1 }), { default: {} }),
    /** How repeatable the server is. Default: as the dialect. */
    determinism: Type.Optional(Type.Union([Type.Literal('bitwise'), Type.Literal('visual'), Type.Literal('none')])),
    /** Characters of a plan. Default: as the dialect. */
    promptLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Source pictures. Default: as the dialect. */
    maxImages: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    /** Take a result although the server says that it rewrote the plan. */
    allowRewriting: Type.Boolean({ default: false }),
    /** Whether the fingerprint holds what `GET models` says (`server`) or the config alone (`config`). */
    identity: Type.Union([Type.Literal('server'), Type.Literal('config')], { default: 'server' }),
    /** Origins besides the endpoints' own that pictures may be fetched from although they are private addresses. */
    imageOrigins: Type.Array(Type.String({ minLength: 1 }), { default: [] }),
    /** Largest result, width × height. */
    maxPixels: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.pixels, default: IMAGE_LIMITS.pixels }),
    /** Largest result, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.bytes, default: IMAGE_LIMITS.bytes }),
    /** What an edit costs, in the currency of the budget. */
    price: Type.Optional(
      Type.Object(
        {
          perEdit: Type.Number({ minimum: 0, default: 0 }),
          inputPerMillionTokens: Type.Number({ minimum: 0, default: 0 }),
          outputPerMillionTokens: Type.Number({ minimum: 0, default: 0 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

export type EditorOptions = Static<typeof options>
