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
}

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
  },
  // SGLang-Diffusion image_api.py: an older default was JPEG and a fixed seed; enhance_prompt would rewrite the plan.
  sglang: {
    fields: { ...PNG, response_format: 'b64_json', enhance_prompt: false },
    seed: true,
    determinism: 'visual',
    maxImages: 4,
  },
  // Whatever stands behind the gateway.
  litellm: { fields: PNG, seed: true, determinism: 'none', maxImages: 16 },
  generic: { fields: { ...PNG, response_format: 'b64_json' }, seed: true, determinism: 'visual', maxImages: 4 },
}
