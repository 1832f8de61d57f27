import { contractErrors, type DdaError } from '@dda-thinker/plugin-api'
import { codedFailure, type ReportedFailure } from '@dda-thinker/python-worker'
import { errors } from './errors.ts'

/** Codes that no rollout can escape: the run ends, resumably, instead of masking each. */
const STOPPING: ReadonlySet<string> = new Set([
  'DDA_MODEL_TEXT_ONLY',
  'DDA_CUDA_ERROR',
  'DDA_CUDA_MEMORY',
  'DDA_CONFIG_INVALID',
  'DDA_VLLM_MISSING',
  'DDA_VLLM_FAILED',
])

/** The error of a failure that the worker reports; undefined where it has no code, which is a defect of the worker. */
export function toError(failure: ReportedFailure): DdaError | undefined {
  return codedFailure(failure, { tables: [errors, contractErrors], stopping: STOPPING })
}

/** Says that the process that reported it cannot go on. */
export function isFatal({ data }: ReportedFailure): boolean {
  return data['fatal'] === true
}

/** `DDA_TRAINER_LOST`: the worker died with updates that no file holds. */
export function lost(policyVersion: number, saved: number | undefined, cause: unknown): DdaError {
  const words = cause instanceof Error ? ` ${cause.message}` : ''
  const last =
    saved === undefined ? 'nothing was saved yet' : `the last state that was saved is that of version ${saved}`
  return errors.make(
    'DDA_TRAINER_LOST',
    { version: policyVersion, last, words },
    { kind: 'unavailable', stopsRun: true, cause },
  )
}
