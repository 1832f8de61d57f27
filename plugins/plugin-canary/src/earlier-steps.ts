import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { CANARY_METRICS } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/**
 * What the canaries wrote in the steps of the run before this one, from its `metrics.jsonl`, a line at a time: a continued run goes on counting.
 * Nothing of a run that is new, or has no folder.
 *
 * @throws DdaError `DDA_CANARY_METRICS` where a line with counts is damaged
 */
export async function* earlierSteps(
  runDir: string | undefined,
  step: number,
): AsyncGenerator<Readonly<Record<string, number>>, void, void> {
  if (runDir === undefined) return
  const file = join(runDir, 'metrics.jsonl')
  let number = 0
  try {
    for await (const line of wholeLines(file)) {
      number += 1
      if (!line.includes(`"${CANARY_METRICS.prefix}`)) continue
      const read = readLine(line)
      if (read === undefined) throw errors.make('DDA_CANARY_METRICS', { line: number, file }, { location: file })
      if (read.step < step) yield read.metrics
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Lines end at LF alone. One that was torn by a kill has no end: the engine drops it too. */
async function* wholeLines(file: string): AsyncGenerator<string, void, void> {
  let rest = ''
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

function readLine(line: string): { readonly step: number; readonly metrics: Record<string, number> } | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const { step, metrics } = (value ?? {}) as { readonly step?: unknown; readonly metrics?: unknown }
  if (typeof step !== 'number' || typeof metrics !== 'object' || metrics === null) return undefined
  // JSON writes what is no number as null: it counts nothing.
  const counts = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return { step, metrics: Object.fromEntries(counts) }
}
