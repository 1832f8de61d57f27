import { Type, type Static } from '@dda-thinker/plugin-api'

const seconds = (fallback: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, default: fallback, description })

export const options = Type.Object(
  {
    model: Type.String({
      minLength: 1,
      description:
        'A pipeline of diffusers: its name on the Hugging Face hub (owner/name), or a folder (./ or absolute).',
    }),
    pipeline: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Class of diffusers, for example FluxKontextPipeline. Default: the one that the model names.',
      }),
    ),
    revision: Type.Optional(
      Type.String({ minLength: 1, description: 'Branch, tag or commit of the model on the hub.' }),
    ),
    variant: Type.Optional(
      Type.String({ minLength: 1, description: 'Variant of the weight files, for example fp16.' }),
    ),
    dtype: Type.Optional(
      Type.Unsafe<'float32' | 'float16' | 'bfloat16'>({
        type: 'string',
        enum: ['float32', 'float16', 'bfloat16'],
        description: 'Type of the weights. Default: bfloat16 on CUDA, else float32.',
      }),
    ),
    device: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
        description:
          'cpu, cuda, cuda:1, mps; a list, [cuda:0, cuda:1], loads the pipeline on each. Default: CUDA where there is some, ' +
          'else mps, else the CPU.',
      }),
    ),
    offload: Type.Unsafe<'none' | 'model' | 'sequential'>({
      type: 'string',
      enum: ['none', 'model', 'sequential'],
      default: 'none',
      description: 'Weights wait in main memory: whole networks (model), or layers (sequential: least memory, slow).',
    }),
    params: Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), {
      default: {},
      description:
        'Arguments of the pipeline by its own names: num_inference_steps, guidance_scale, true_cfg_scale, negative_prompt, ...',
    }),
    batch: Type.Integer({
      minimum: 1,
      default: 4,
      description:
        'Edits in one call of the pipeline at most, where it was found to give each the picture that it has alone.',
    }),
    maxImages: Type.Integer({ minimum: 1, default: 1, description: 'Source pictures of an edit.' }),
    pixels: Type.Integer({
      minimum: 256,
      default: 1_048_576,
      description:
        'Area at which the pipeline works, about: larger sources are reduced to it, and width and height, where the pipeline ' +
        "takes them, have it in the source's aspect ratio.",
    }),
    size: Type.Unsafe<'source' | 'pipeline'>({
      type: 'string',
      enum: ['source', 'pipeline'],
      default: 'source',
      description: 'The result is brought to the size of the first source, or keeps that which the pipeline gave it.',
    }),
    promptLimit: Type.Optional(Type.Integer({ minimum: 1, description: 'Characters of a plan. Default: no limit.' })),
    cutPlans: Type.Boolean({
      default: false,
      description: 'Edit although the tokenizer drops the end of a plan; otherwise such an edit fails as bad input.',
    }),
    deterministic: Type.Boolean({ default: true, description: 'Deterministic kernels.' }),
    determinism: Type.Unsafe<'bitwise' | 'visual' | 'none'>({
      type: 'string',
      enum: ['bitwise', 'visual', 'none'],
      default: 'visual',
      description: 'How repeatable the edits are declared to be; bitwise needs batch: 1.',
    }),
    python: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Interpreter with the packages. Default: that of the shared environment.',
      }),
    ),
    threads: Type.Optional(Type.Integer({ minimum: 1, description: "CPU threads. Default: PyTorch's choice." })),
    deadline: Type.Object(
      {
        start: seconds(300, 'Seconds for the process to start.'),
        open: seconds(7200, 'Seconds to fetch and load the model, and for the first trial edits.'),
        edit: seconds(900, 'Seconds for an edit, from the moment the pipeline takes it up.'),
      },
      { additionalProperties: false, default: {}, description: 'Time limits.' },
    ),
  },
  { additionalProperties: false },
)

export type DiffusersOptions = Static<typeof options>

/** Options of one process. */
export type OneDeviceOptions = Omit<DiffusersOptions, 'device'> & { readonly device?: string }

/** Options as one writes them: what has a default may be left out. */
export type GivenDiffusersOptions = Partial<Omit<DiffusersOptions, 'model' | 'deadline'>> &
  Pick<DiffusersOptions, 'model'> & { readonly deadline?: Partial<DiffusersOptions['deadline']> }
