import { Type, withDefaults, type DeepPartial, type Static } from '@dda-thinker/plugin-api'
import { TAG_NAME } from '@dda-thinker/plan-text'
import {
  choice,
  closed,
  completePpo,
  flag,
  group,
  integer,
  number,
  orNull,
  ppoOptions,
  type KlPlace,
} from '@dda-thinker/ppo-options'

/** What a policy of either kind, trained or frozen, is made of. */
const policyProperties = {
  model: Type.String({
    minLength: 1,
    description:
      'Hugging Face name of an image-text-to-text or causal language model, or a folder (./ or absolute): a model, an export or, ' +
      'for a frozen Thinker, the `trainer` folder of a checkpoint.',
  }),
  revision: Type.Optional(Type.String({ description: 'Branch, tag or commit of the model on the hub.' })),
  weights: choice(
    ['pretrained', 'random'],
    'pretrained',
    "random: the architecture alone, weights from the run's seed.",
  ),
  device: Type.Optional(
    Type.String({ description: 'cpu, cuda, cuda:1, mps. Default: CUDA where there is one, else the CPU.' }),
  ),
  dtype: Type.Optional(
    Type.Unsafe<'float32' | 'bfloat16'>({
      type: 'string',
      enum: ['float32', 'bfloat16'],
      description: 'Type of the weights. Default: bfloat16 on CUDA, else float32.',
    }),
  ),
  attention: Type.Optional(
    Type.String({ description: 'Attention of transformers: sdpa, eager, flash_attention_2. Default: its own choice.' }),
  ),
  deterministic: flag(true, 'Deterministic kernels: same seed, same numbers, on the same device.'),
  minPixels: Type.Optional(Type.Integer({ minimum: 1, description: 'Pictures are enlarged to so many pixels.' })),
  maxPixels: Type.Optional(Type.Integer({ minimum: 1, description: 'Pictures are reduced to so many pixels.' })),
  prompt: group(
    {
      system: orNull(Type.String(), null, "System message; null: the chat template's own."),
      user: Type.String({
        default: '{instruction}',
        pattern: String.raw`\{instruction\}`,
        description: "User message behind the pictures; {instruction} stands for the sample's.",
      }),
      template: Type.Record(Type.String(), Type.Unknown(), {
        default: {},
        description: 'Further variables of the chat template, for example enable_thinking: false.',
      }),
    },
    'What the policy is told, through the chat template of the model.',
  ),
  tags: group(
    {
      reasoning: orNull(Type.String(TAG_NAME), 'look', 'Name of the block that explains; null: plans have none.'),
      plan: Type.String({ ...TAG_NAME, default: 'plan', description: 'Name of the block that the Editor is told.' }),
    },
    'Markup of a plan.',
  ),
  maxPrompt: integer(4096, 'Most tokens of a prompt, pictures included; a longer one masks its rollout.'),
  maxPlan: integer(1024, 'Most tokens of a plan, its end included.'),
  rollout: group(
    {
      engine: choice(['native', 'vllm'], 'native', 'What writes plans: this process, or a vLLM engine beside it.'),
      concurrency: integer(64, 'Plans that are written side by side.'),
      stop: Type.Array(Type.String({ minLength: 1 }), {
        default: [],
        description: 'Texts that end a plan besides the end of the turn; the plan keeps them.',
      }),
    },
    'How plans are written.',
  ),
  python: Type.Optional(
    Type.String({ description: 'Interpreter with the packages. Default: that of the shared environment.' }),
  ),
  threads: Type.Optional(Type.Integer({ minimum: 1, description: "Threads on the CPU. Default: PyTorch's choice." })),
  deadline: group(
    {
      start: integer(300, 'Until the worker has imported its libraries and said hello.'),
      open: integer(7200, 'Until the model is loaded, downloads included.'),
      update: integer(7200, 'For an update or a step of imitation.'),
      files: integer(3600, 'For saving, loading or exporting.'),
    },
    'Seconds after which the worker is given up.',
  ),
}

export const thinkerOptions = Type.Object(
  {
    ...policyProperties,
    temperature: number(1, 'Sampling temperature of plans where a run names none; 0 is greedy.', { minimum: 0 }),
  },
  closed,
)

export const trainerOptions = Type.Object(
  {
    ...policyProperties,
    lora: orNull(
      Type.Object(
        {
          rank: Type.Optional(integer(64, 'Rank of the adapters.')),
          alpha: Type.Optional(number(64, 'Scale: adapters count alpha / rank.', { minimum: 0 })),
          targets: Type.Optional(
            Type.Array(Type.String({ minLength: 1 }), {
              default: ['all-linear'],
              minItems: 1,
              description:
                'Names of linear layers; all-linear: all of the language model, and of the vision tower unless frozen.',
            }),
          ),
        },
        closed,
      ),
      null,
      'Low-rank adapters, everything else frozen; the reference policy is then the model with adapters off. null: all weights are ' +
        'trained, and the reference is a frozen copy.',
    ),
    freezeVision: flag(true, 'The vision tower is not trained.'),
    gradientCheckpointing: flag(
      true,
      'Activations are computed again in the backward pass: less memory, a third more time.',
    ),
    ...ppoOptions({
      learningRate: 1e-6,
      imitationLearningRate: 1e-5,
      entropy: 0,
      epochs: 1,
      adamEpsilon: 1e-8,
    }),
    critic: group(
      {
        kind: choice(['head', 'model'], 'head', "head: on the policy's own trunk; model: a network of its own."),
        model: orNull(Type.String({ minLength: 1 }), null, 'Name or folder of the network; null: that of the policy.'),
        detach: flag(false, 'The value loss does not reach the trunk of the policy.'),
        warmup: integer(0, 'Updates in which the critic learns alone.', 0),
        learningRate: orNull(Type.Number({ minimum: 0 }), null, "Its learning rate; null: ten times the policy's."),
      },
      'The critic (gae only). Its last layer is zero at the start.',
    ),
    microBatchTokens: integer(16_384, 'Padded tokens in one pass through the network; halved where memory runs out.'),
    microBatch: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Rollouts in one pass through the network, at most.' }),
    ),
    rollback: flag(
      true,
      'An update that fails or is stopped half-way is taken back; needs memory for a copy of what is trained.',
    ),
    processes: integer(1, 'Processes on this machine, one for each GPU, started by torchrun.'),
    parallel: choice(['ddp', 'fsdp'], 'ddp', 'ddp: each process holds all weights; fsdp: they share them (FSDP2).'),
  },
  closed,
)

export type ThinkerOptions = Static<typeof thinkerOptions>
/** All options, each with a value. */
export type TrainerOptions = Static<typeof trainerOptions> & { readonly kl: { readonly place: KlPlace } }

/** Some options and the model; the others take their defaults. */
export type GivenTrainerOptions = DeepPartial<TrainerOptions> & Pick<TrainerOptions, 'model'>
export type GivenThinkerOptions = DeepPartial<ThinkerOptions> & Pick<ThinkerOptions, 'model'>

export function completeTrainerOptions(given: GivenTrainerOptions): TrainerOptions {
  return completePpo(withDefaults<TrainerOptions>(trainerOptions, given))
}

export function completeThinkerOptions(given: GivenThinkerOptions): ThinkerOptions {
  return withDefaults<ThinkerOptions>(thinkerOptions, given)
}
