import { type Check, Type, type Static } from '@dda-thinker/plugin-api'
import { IMAGE_LIMITS } from '@dda-thinker/pictures'
import { boundsObject } from './check.ts'

const triple = Type.Tuple([Type.Number(), Type.Number(), Type.Number()])

export const modelOptions = Type.Object(
  {
    /** The ONNX file, relative to the config. */
    file: Type.String({ minLength: 1 }),
    /** Whose size, resize, mean and std are used where they are not given. */
    preset: Type.Union([Type.Literal('clip'), Type.Literal('dino')], { default: 'clip' }),
    /** Width and height of its input, pixels. */
    size: Type.Optional(Type.Integer({ minimum: 8, maximum: 4096 })),
    /** For `crop`: the shortest side before the centre is cut out. */
    resize: Type.Optional(Type.Integer({ minimum: 8, maximum: 4096 })),
    /** How a picture becomes square: `crop` its centre, `stretch` it, or `pad` it with the mean colour. */
    fit: Type.Union([Type.Literal('crop'), Type.Literal('stretch'), Type.Literal('pad')], { default: 'crop' }),
    kernel: Type.Union(
      [Type.Literal('cubic'), Type.Literal('linear'), Type.Literal('lanczos3'), Type.Literal('nearest')],
      {
        default: 'cubic',
      },
    ),
    /** Taken from the channels in 0–1, before they are divided by std. */
    mean: Type.Optional(triple),
    std: Type.Optional(triple),
    layout: Type.Union([Type.Literal('nchw'), Type.Literal('nhwc')], { default: 'nchw' }),
    channels: Type.Union([Type.Literal('rgb'), Type.Literal('bgr')], { default: 'rgb' }),
    /** Name of the input. Default: its only one. */
    input: Type.Optional(Type.String({ minLength: 1 })),
    /** Name of the output. Default: image_embeds, pooler_output, last_hidden_state, or its only one. */
    output: Type.Optional(Type.String({ minLength: 1 })),
    /** How an output of tokens becomes one vector: its first (class) token, or the mean of all. */
    pool: Type.Union([Type.Literal('cls'), Type.Literal('mean')], { default: 'cls' }),
  },
  { additionalProperties: false },
)

export const options = Type.Object(
  {
    /** Models by name; the first is used where a check names none. None: SSIM and PSNR only. */
    models: Type.Record(Type.String({ minLength: 1 }), modelOptions, { default: {} }),
    /** Bounds of a kind of check, where a check gives none of its own. */
    thresholds: Type.Record(Type.String({ minLength: 1 }), boundsObject(), { default: {} }),
    /** Checks for items that carry none, by their question. The first that matches counts. */
    questions: Type.Array(
      Type.Object(
        {
          /** Regular expression, without regard to case. */
          match: Type.String({ minLength: 1 }),
          check: Type.Unsafe<Check>(
            Type.Object({ kind: Type.String({ minLength: 1 }) }, { additionalProperties: true }),
          ),
        },
        { additionalProperties: false },
      ),
      { default: [] },
    ),
    /** An edited picture of another size: `resample` it to the source's, or `pass-on` the item to the next judge. */
    otherSize: Type.Union([Type.Literal('resample'), Type.Literal('pass-on')], { default: 'resample' }),
    /** Relative difference in aspect ratio up to which pictures are compared at all; items about others go to the next judge. */
    aspectTolerance: Type.Number({ minimum: 0, maximum: 1, default: 0.05 }),
    /** Execution provider of ONNX Runtime: `cpu`, `cuda`, `webgpu`, ... */
    provider: Type.String({ minLength: 1, default: 'cpu' }),
    /** Threads inside one operator. */
    threads: Type.Integer({ minimum: 1, maximum: 256, default: 2 }),
    /** Requests worked on at once; the computing itself is done one after the other. */
    concurrency: Type.Integer({ minimum: 1, maximum: 256, default: 4 }),
    /** Largest picture, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.bytes, default: IMAGE_LIMITS.bytes }),
    /** Largest picture, width × height. */
    maxImagePixels: Type.Integer({ minimum: 1, maximum: IMAGE_LIMITS.pixels, default: IMAGE_LIMITS.pixels }),
  },
  { additionalProperties: false },
)

export type OnnxJudgeOptions = Static<typeof options>
export type ModelOptions = Static<typeof modelOptions>
