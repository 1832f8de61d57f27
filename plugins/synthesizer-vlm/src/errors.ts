import { DdaError } from '@dda-thinker/plugin-api'

/** Options that contradict each other. */
export function badOptions(problem: string, next: string): DdaError {
  return new DdaError('DDA_SYNTHESIS_OPTIONS', `synthesizer-vlm: ${problem}`, { next })
}

/** A taxonomy, prompt or benchmark file of the user's that cannot be used, or pictures that are not there. */
export function badFile(
  what: 'taxonomy' | 'prompts' | 'pictures' | 'benchmark',
  file: string,
  problem: string,
  cause?: unknown,
): DdaError {
  return new DdaError(CODES[what], `${file}: ${problem}`, { location: file, cause, next: NEXT[what] })
}

const CODES = {
  taxonomy: 'DDA_SYNTHESIS_TAXONOMY',
  prompts: 'DDA_SYNTHESIS_PROMPTS',
  pictures: 'DDA_SYNTHESIS_PICTURES',
  benchmark: 'DDA_SYNTHESIS_BENCHMARK',
} as const

const NEXT = {
  taxonomy: 'Write a list of entries with category, subtask and definition, as in the taxonomy.yaml of the plugin.',
  prompts: 'Copy the prompts folder of the plugin and change those files; names and words in braces stay.',
  pictures: 'Name a folder with .png, .jpg, .jpeg or .webp files, relative to the config.',
  benchmark: 'Name the official file or folder of the benchmark (data_total.json of RISE, KRIS_Bench of KRIS).',
} as const
