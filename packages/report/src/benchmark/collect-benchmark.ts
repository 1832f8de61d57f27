import { Tally } from '@dda-thinker/evaluation'
import { type BenchmarkRecord, readJournal, readRunSpending, type RunInfo } from '@dda-thinker/runs'
import { stringify } from 'yaml'
import type { BenchmarkAttempt, BenchmarkReportInput } from './benchmark-input.ts'

/** Reads what the report of a finished benchmark run shows. */
export async function collectBenchmark(
  { name, dir, manifest }: RunInfo,
  record: BenchmarkRecord,
): Promise<BenchmarkReportInput> {
  const attempts = new Map<string, Map<string, BenchmarkAttempt>>()
  const failures = new Map<string, Tally>()
  const thinkers = new Map<string, string>()
  for await (const line of readJournal(dir)) {
    if (line.type === 'thinker') thinkers.set(line.thinker, line.fingerprint)
    if (line.type !== 'rollout') continue
    const { thinker = '', rollout } = line
    const { sampleId, plan, edit, outcome } = rollout
    const made = attempts.get(thinker) ?? new Map<string, BenchmarkAttempt>()
    attempts.set(
      thinker,
      made.set(sampleId, { ...(plan === undefined ? {} : { plan }), ...(edit === undefined ? {} : { edit }) }),
    )
    if (edit !== undefined) continue
    const kind = outcome.kind === 'masked' ? outcome.failure.kind : outcome.kind
    const counted = failures.get(thinker) ?? new Tally()
    failures.set(thinker, counted)
    counted.add(kind)
  }
  const { config, seed, created, fingerprints, plugins, node } = manifest
  return {
    project: config.name,
    run: name,
    createdAt: created,
    seed,
    record,
    attempts,
    failures: Object.fromEntries([...failures].map(([thinker, counted]) => [thinker, counted.toRecord()])),
    spending: [{ run: name, task: 'Benchmark', ...(await readRunSpending(dir)) }],
    facts: [
      { label: 'Benchmark', value: record.fingerprint },
      { label: 'Judge', value: record.judge ?? 'none' },
      { label: 'Editor', value: String(fingerprints['editor'] ?? 'unknown') },
      ...[...thinkers].map(([thinker, fingerprint]) => ({ label: `Thinker: ${thinker}`, value: fingerprint })),
      {
        label: 'Plugins',
        value: plugins.map((one) => (one.version === undefined ? one.name : `${one.name} ${one.version}`)).join(', '),
      },
      { label: 'Node.js', value: node },
    ],
    config: stringify(config),
  }
}
