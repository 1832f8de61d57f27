import type { EditorCapabilities } from '@dda-thinker/plugin-api'
import type { EditorOptions } from './options.ts'

/** What differs between servers of the same route. */
export interface Dialect {
  /** Fields sent unless `params` says otherwise. */
  readonly fields: Readonly<Record<string, string | number | boolean>>
  readonly seed: boolean
  readonly determinism: EditorCapabilities['determinism']
  readonly maxImages: number
  readonly promptLimit?: number
  /** Names of all fields, of servers that ignore what they do not know; another one is refused. */
  readonly known?: readonly string[]
}

/** What the form of OpenAI has beside pictures and prompt (API reference, "Create image edit"). */
const OPENAI = [
  'model',
  'n',
  'size',
  'user',
  'background',
  'input_fidelity',
  'moderation',
  'output_compression',
  'output_format',
  'partial_images',
  'quality',
  'response_format',
  'stream',
]
/** What both servers of diffusion models read (vLLM-Omni 0.30, SGLang 0.5.23). */
const DIFFUSION = [
  'negative_prompt',
  'num_inference_steps',
  'guidance_scale',
  'guidance_scale_2',
  'true_cfg_scale',
  'seed',
  'generator_device',
]
const VLLM_OMNI = ['strength', 'lora', 'layers', 'resolution', 'bot_task', 'sys_type', 'system_prompt']
const SGLANG = [
  'enable_teacache',
  'enable_cache_dit',
  'cache_dit_params',
  'output_quality',
  'enable_upscaling',
  'enhance_prompt',
]
/** What the gateway takes for itself (image edit route); the rest it hands on. */
const LITELLM = ['seed', 'timeout', 'num_retries', 'metadata', 'drop_params', 'extra_headers', 'extra_body']

/** PNG always: a JPEG's noise would count as changes in regions that were to stay as they were. */
const PNG = { output_format: 'png' } as const

export const DIALECTS: Readonly<Record<EditorOptions['dialect'], Dialect>> = {
  // No seed, and response_format is refused for GPT image models, which answer in base64 anyway.
  openai: { fields: PNG, seed: false, determinism: 'none', maxImages: 16, promptLimit: 32_000 },
  // vLLM-Omni docs/serving/image_edit_api.md. Co-batched requests may differ in the last bits.
  'vllm-omni': {
    fields: { ...PNG, response_format: 'b64_json' },
    seed: true,
    determinism: 'visual',
    maxImages: 4,
    known: [...OPENAI, ...DIFFUSION, ...VLLM_OMNI],
  },
  // SGLang-Diffusion image_api.py: an older default was JPEG and a fixed seed; enhance_prompt would rewrite the plan.
  sglang: {
    fields: { ...PNG, response_format: 'b64_json', enhance_prompt: false },
    seed: true,
    determinism: 'visual',
    maxImages: 4,
    known: [...OPENAI, ...DIFFUSION, ...SGLANG],
  },
  // Whatever stands behind the gateway.
  litellm: {
    fields: PNG,
    seed: true,
    determinism: 'none',
    maxImages: 16,
    known: [...OPENAI, ...DIFFUSION, ...VLLM_OMNI, ...SGLANG, ...LITELLM],
  },
  generic: { fields: { ...PNG, response_format: 'b64_json' }, seed: true, determinism: 'visual', maxImages: 4 },
}
