import type { DdaError, ErrorKey, ErrorRow, ErrorTable, FailureKind } from '@dda-thinker/plugin-api'
import type { ReportedFailure } from './worker-options.ts'

export interface CodedFailureOptions {
  /** Where the worker's codes stand: exit status and page are theirs. */
  readonly tables: readonly Pick<ErrorTable<Record<ErrorKey, ErrorRow>>, 'restore'>[]
  /** Codes that no rollout can escape: the run ends, resumably, instead of masking each. Default: none. */
  readonly stopping?: ReadonlySet<string>
}

/**
 * The error of a `dda_worker.Failure` whose reason is a code (`DDA_...`), with `next`, `kind`, `sampleId`, `stage` and
 * `location` from its data; undefined where no table has that code.
 */
export function codedFailure(
  { reason, message, data }: ReportedFailure,
  { tables, stopping = new Set() }: CodedFailureOptions,
): DdaError | undefined {
  const text = (key: string): string | undefined => {
    const value = data[key]
    return typeof value === 'string' ? value : undefined
  }
  const said = { next: text('next'), sampleId: text('sampleId'), stage: text('stage'), location: text('location') }
  const kind = text('kind') as FailureKind | undefined
  const details = {
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    ...(kind !== undefined && { kind }),
    ...(stopping.has(reason) && { stopsRun: true }),
  }
  for (const table of tables) {
    const error = table.restore(reason, message, details)
    if (error !== undefined) return error
  }
  return undefined
}
