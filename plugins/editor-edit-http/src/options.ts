import { Type, type Static } from '@dda-thinker/plugin-api'
import { endpointOptions } from '@dda-thinker/endpoints'
import { IMAGE_LIMITS } from '@dda-thinker/pictures'

export const options = Type.Object(
  {
    ...endpointOptions({ perEndpoint: 2, timeoutSeconds: 900 }),
    /** What the servers run, with its revision: the protocol does not say, and the fingerprint must. */
    model: Type.String({ minLength: 1 }),
    /** Route for edits below the base URL. */
    path: Type.String({ minLength: 1, pattern: '^[^/?#][^?#]*$', default: 'edit' }),
    /** Further fields of the request, for example `num_inference_steps`; null leaves `enhance_prompt` out. */
    params: Type.Record(
      Type.String({ minLength: 1 }),
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
      { default: {} },
    ),
    /** Other names for fields: `{ num_inference_steps: steps, guidance_scale: guidance }`. */
    rename: Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 1 }), { default: {} }),
    /** Field of the answer that holds the picture in base64. */
    resultField: Type.String({ minLength: 1, default: 'edited_image' }),
    /** How repeatable the servers are. Their own pools of GPUs may differ in the last bits. */
    determinism: Type.Union([Type.Literal('bitwise'), Type.Literal('visual'), Type.Literal('none')], {
      default: 'visual',
    }),
    /** Characters of a plan. Default: no limit. */
    promptLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Take a result although the server says that it rewrote the plan. */
    allowRewriting: Type.Boolean({ default: false }),
    /** Ask `GET /health` on opening and before a failing endpoint is trusted again. */
    health: Type.Boolean({ default: true }),
    /** Largest result, width × height. */
    maxPixels: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.pixels, default: IMAGE_LIMITS.pixels }),
    /** Largest result, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.bytes, default: IMAGE_LIMITS.bytes }),
  },
  { additionalProperties: false },
)

export type EditorOptions = Static<typeof options>
