import { DdaError, type FailureKind } from '@dda-thinker/plugin-api'
import type { ReportedFailure } from '@dda-thinker/python-worker'

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
export function toError({ reason, message, data }: ReportedFailure): DdaError | undefined {
  if (!/^DDA_[A-Z0-9_]+$/.test(reason)) return undefined
  const text = (key: string): string | undefined => {
    const value = data[key]
    return typeof value === 'string' ? value : undefined
  }
  const details = { next: text('next'), sampleId: text('sampleId'), stage: text('stage'), location: text('location') }
  const stopsRun = STOPPING.has(reason)
  const kind = text('kind') as FailureKind | undefined
  return new DdaError(reason as `DDA_${string}`, message, {
    ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
    ...(kind !== undefined && { kind }),
    ...(stopsRun && { stopsRun }),
  })
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
  return new DdaError(
    'DDA_TRAINER_LOST',
    `The worker of the trainer died at policy version ${policyVersion}, and ${last}.${words}`,
    {
      kind: 'unavailable',
      stopsRun: true,
      next: 'Run the same command again: it continues from the last checkpoint.',
      cause,
    },
  )
}
