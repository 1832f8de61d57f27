import { isSpendingLine, type RunSpending, type SpendingLine, SpendingSums } from '@dda-thinker/evaluation'
import { readLines } from '@dda-thinker/store'

const LINES = { onBroken: () => undefined, check: (line: unknown) => (isSpendingLine(line) ? undefined : 'no entry') }

/** What the books of a run add up to; empty where there are none. Lines that are broken are passed over. */
export async function readSpending(file: string): Promise<RunSpending> {
  const sums = new SpendingSums()
  let seconds = 0
  for await (const line of readLines<SpendingLine>(file, LINES)) {
    if ('seconds' in line) seconds += line.seconds
    else sums.add(line)
  }
  return { rows: sums.all(), seconds }
}
