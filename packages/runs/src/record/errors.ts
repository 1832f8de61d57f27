import type { DdaError, Sample, Split } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

export function noSamples(split: Split, file: string): DdaError {
  return errors.make('DDA_DATA_MISSING/split', { file, split }, { location: file })
}

/** Samples may come without checklists, but nothing can be judged of them. */
export function requireChecklists(samples: readonly Sample[]): void {
  const bare = samples.filter(({ checklist }) => checklist.length === 0)
  if (bare.length === 0) return
  throw errors.make(
    'DDA_CHECKLIST_MISSING/samples',
    { count: bare.length, all: samples.length, first: String(bare[0]?.id) },
    { stage: 'judge' },
  )
}

export function noDemonstrations(file: string): DdaError {
  return errors.make('DDA_NO_DEMONSTRATIONS', { file }, { location: file })
}

export function noWarmStart(plugin: string): DdaError {
  return errors.make('DDA_NO_WARM_START', { plugin }, { plugin })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : JSON.stringify(error)
}
