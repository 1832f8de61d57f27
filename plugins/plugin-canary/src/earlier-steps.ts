import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CANARY_METRICS } from '@dda-thinker/plugin-api'
import { Tally } from './tally.ts'

/**
 * What the run counted before a step, from its `metrics.jsonl`: a continued run goes on counting. A run that is new, or has no
 * folder, has counted nothing.
 */
export async function earlierSteps(runDir: string | undefined, step: number): Promise<Tally> {
  const tally = new Tally()
  if (runDir === undefined) return tally
  let text: string
  try {
    text = await readFile(join(runDir, 'metrics.jsonl'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return tally
    throw error
  }
  // A line that was torn by a kill has no newline: the engine drops it too.
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (!line.includes(`"${CANARY_METRICS.prefix}`)) continue
    const { step: at, metrics } = JSON.parse(line) as { step: number; metrics: Record<string, number> }
    if (at < step) tally.addMetrics(metrics)
  }
  return tally
}
