import type { DdaError, Split } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

export function noSamples(split: Split, file: string): DdaError {
  return errors.make('DDA_DATA_MISSING/split', { file, split }, { location: file })
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
