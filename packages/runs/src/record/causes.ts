import { type FailureCause, FailureCauses } from '@dda-thinker/evaluation'
import { readLines } from '@dda-thinker/store'
import type { JournalLine } from './journal.ts'
import { runFile } from './layout.ts'

/**
 * Why rollouts of a run are masked, by Thinker; those of a training run are under its task, `train`. Who has none is left out, and so are broken
 * lines: nothing but what people are shown depends on it.
 */
export async function readCauses(runDir: string): Promise<Readonly<Record<string, readonly FailureCause[]>>> {
  const tallies = new Map<string, FailureCauses>()
  for await (const line of readLines<JournalLine>(runFile(runDir, 'journal'), { onBroken: () => undefined })) {
    if (line.type !== 'rollout' || line.rollout.outcome.kind !== 'masked') continue
    const name = line.thinker ?? 'train'
    const tally = tallies.get(name) ?? new FailureCauses()
    tallies.set(name, tally)
    tally.add(line.rollout)
  }
  return Object.fromEntries([...tallies].map(([name, tally]) => [name, tally.list()]))
}
