import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

const CODES = {
  taxonomy: 'DDA_SYNTHESIS_TAXONOMY',
  prompts: 'DDA_SYNTHESIS_PROMPTS',
  pictures: 'DDA_SYNTHESIS_PICTURES',
  benchmark: 'DDA_SYNTHESIS_BENCHMARK',
} as const

/** Options that contradict each other. */
export function badOptions(problem: string, next: string): DdaError {
  return errors.make('DDA_SYNTHESIS_OPTIONS', { problem, next })
}

/** A taxonomy, prompt or benchmark file of the user's that cannot be used, or pictures that are not there. */
export function badFile(what: keyof typeof CODES, file: string, problem: string, cause?: unknown): DdaError {
  return errors.make(CODES[what], { file, problem }, { location: file, cause })
}
