import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Entry, keyOf, LIMITS } from './limits.ts'
import type { RunState, ServerRun } from './mlflow-server.ts'

/** In the run directory: which run of the server is this one. */
const FILE = 'mlflow.json'

/** The server's run that this one went on as; undefined where it has none there. */
export async function readServerRun(runDir: string, url: string): Promise<ServerRun | undefined> {
  const kept = (await readJson(join(runDir, FILE))) as (Partial<ServerRun> & { readonly url?: unknown }) | undefined
  const { id, experiment } = kept ?? {}
  return kept?.url === url && typeof id === 'string' && typeof experiment === 'string' ? { id, experiment } : undefined
}

export async function writeServerRun(runDir: string, url: string, run: ServerRun): Promise<void> {
  await writeFile(join(runDir, FILE), `${JSON.stringify({ url, ...run }, undefined, 2)}\n`)
}

/** What the run was made from, as params and tags; nothing where there is no `run.json`. */
export async function describeRun(runDir: string): Promise<{ readonly params: Entry[]; readonly tags: Entry[] }> {
  const manifest = (await readJson(join(runDir, 'run.json'))) as Readonly<Record<string, unknown>> | undefined
  if (manifest === undefined) return { params: [], tags: [] }
  const { config, options, fingerprints, seed, task, git } = manifest
  const params = leaves({ ...(config as object), options, fingerprints })
  const commit = (git as { readonly commit?: unknown } | undefined)?.commit
  const tags = Object.entries({ 'dda.task': task, 'dda.seed': seed, 'mlflow.source.git.commit': commit })
  return {
    params: unique(params.map(([name, value]) => ({ key: keyOf(name), value: cut(value, LIMITS.param) }))),
    tags: tags.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: cut(textOf(value), LIMITS.tag) }])),
  }
}

/** How the run ended, by its `status.json`. */
export async function endOf(runDir: string): Promise<RunState> {
  const status = (await readJson(join(runDir, 'status.json'))) as { readonly state?: unknown } | undefined
  if (status?.state === 'finished') return 'FINISHED'
  return status?.state === 'stopped' || status?.state === 'failed' ? 'FAILED' : 'KILLED'
}

export interface StepMetrics {
  readonly step: number
  readonly policyVersion: number
  readonly metrics: Readonly<Record<string, number>>
}

/** The steps after `from` and before `to` that the run has recorded; a line that is torn is passed over. */
export async function recordedSteps(runDir: string, from: number, to: number): Promise<readonly StepMetrics[]> {
  const text = await readFile(join(runDir, 'metrics.jsonl'), 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    const found = parsed(line) as Partial<StepMetrics> | undefined
    if (typeof found?.step !== 'number' || typeof found.metrics !== 'object') return []
    return found.step > from && found.step < to ? [found as StepMetrics] : []
  })
}

/** Settings by their dotted path. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
  }
  return value === undefined ? [] : [[path, textOf(value)]]
}

/** Two settings may come to one key; params cannot be changed, so the first stays. */
function unique(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.toReversed().map((entry) => [entry.key, entry])).values()].toReversed()
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text
}

async function readJson(file: string): Promise<unknown> {
  return parsed(await readFile(file, 'utf8').catch(() => ''))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
