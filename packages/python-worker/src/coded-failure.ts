import { DdaError, type FailureKind } from '@dda-thinker/plugin-api'
import type { ReportedFailure } from './worker-options.ts'

/**
 * The error of a `dda_worker.Failure` whose reason is a code (`DDA_...`), with `next`, `kind`, `sampleId`, `stage` and
 * `location` from its data; undefined where the reason is no code.
 *
 * @param stopping codes that no rollout can escape: the run ends, resumably, instead of masking each
 */
export function codedFailure(
  { reason, message, data }: ReportedFailure,
  stopping: ReadonlySet<string> = new Set(),
): DdaError | undefined {
  if (!/^DDA_[A-Z0-9_]+$/.test(reason)) return undefined
  const text = (key: string): string | undefined => {
    const value = data[key]
    return typeof value === 'string' ? value : undefined
  }
  const details = { next: text('next'), sampleId: text('sampleId'), stage: text('stage'), location: text('location') }
  const kind = text('kind') as FailureKind | undefined
  return new DdaError(reason as `DDA_${string}`, message, {
    ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
    ...(kind !== undefined && { kind }),
    ...(stopping.has(reason) && { stopsRun: true }),
  })
}
