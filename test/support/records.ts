import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Rollout } from '@dda-thinker/plugin-api'

/** Everything about a finished run that must not depend on how often it was interrupted. */
export interface RunRecord {
  /** SHA-256 by path: journal, metrics, checkpoints (weights, optimiser) and the exported policy. */
  readonly files: Readonly<Record<string, string>>
  /** Hash of every result bought, by its key. */
  readonly bought: Readonly<Record<string, string>>
  /** Keys that were bought more than once. */
  readonly boughtTwice: readonly string[]
  /** Names of all pictures, which are their hashes. */
  readonly pictures: readonly string[]
}

export function runRecord(dir: string, run = 'run'): RunRecord {
  const folder = join(dir, 'runs', run)
  const paths = ['journal.jsonl', 'metrics.jsonl', ...below(folder, 'checkpoints'), ...below(folder, 'export')]
  const files = Object.fromEntries(paths.map((path) => [path, sha256(readFileSync(join(folder, path)))]))
  return { files, ...purchases(dir), pictures: below(join(dir, 'data'), 'store').toSorted() }
}

/** What is in the cache of edits and verdicts; a torn last line of a segment was never handed out. */
export function purchases(dir: string): Pick<RunRecord, 'bought' | 'boughtTwice'> {
  const bought: Record<string, string> = {}
  const boughtTwice: string[] = []
  const cache = join(dir, 'data/cache')
  for (const name of readdirSync(cache)
    .filter((one) => one.startsWith('segment-'))
    .toSorted()) {
    const lines = readFileSync(join(cache, name), 'utf8').split('\n').slice(0, -1)
    for (const line of lines) {
      const { k, v } = JSON.parse(line) as { k: string; v: unknown }
      if (k in bought) boughtTwice.push(k)
      bought[k] = sha256(JSON.stringify(v)).slice(0, 12)
    }
  }
  return { bought: Object.fromEntries(Object.entries(bought).toSorted(([a], [b]) => (a < b ? -1 : 1))), boughtTwice }
}

export interface Journal {
  readonly rollouts: readonly (Rollout & { readonly step: number; readonly thinker?: string })[]
  readonly steps: readonly { readonly step: number; readonly reward: number | null; readonly masked: number }[]
}

/** Parses a whole journal; throws where a line before the last is broken. The last one may be torn by a kill. */
export function readJournalFile(dir: string, run = 'run'): Journal {
  const text = readFileSync(join(dir, 'runs', run, 'journal.jsonl'), 'utf8')
  const lines = text.split('\n').slice(0, -1)
  const values = lines.map((line) => JSON.parse(line))
  return {
    rollouts: values
      .filter(({ type }) => type === 'rollout')
      .map(({ rollout, step, thinker }) => ({ ...rollout, step, thinker })),
    steps: values.filter(({ type }) => type === 'step'),
  }
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Files below a folder, relative to its parent, sorted; leftovers of a kill (`.tmp-`) are not records. */
function below(parent: string, folder: string): string[] {
  if (!existsSync(join(parent, folder))) return []
  return readdirSync(join(parent, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => !path.includes('.tmp-') && statSync(join(parent, path)).isFile())
    .toSorted()
}
