import { dirname, join } from 'node:path'
import { canonicalJson, type DdaError, isDdaError, type JudgeSight } from '@dda-thinker/plugin-api'
import type { ProjectConfig } from '@dda-thinker/config'
import { isRecord } from '@dda-thinker/data-files'
import { canonicalHash, errno, fileError, nodeFiles, writeFileAtomic } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import type { Task } from './events.ts'
import { withoutFree } from './free-settings.ts'
import type { GitState } from './git-state.ts'
import { readJournal } from './journal.ts'
import { runFile } from './layout.ts'
import { lockHolder } from './lock.ts'
import { readJson } from './read-json.ts'
import { RUN_MANIFEST, RUN_STATUS } from '../shapes/record-shapes.ts'

/** `run.json`: what the run was made from. Written once. */
export interface RunManifest {
  readonly format: 1
  readonly task: Task
  /** ISO 8601, by a clock that may have been set since: what came first is {@link ordinal}'s to say. */
  readonly created: string
  /** 1 for the first run of its folder; absent in records of older versions. */
  readonly ordinal?: number
  readonly seed: number
  /** The config with every default filled in. */
  readonly config: ProjectConfig
  /** What the command added to the config. */
  readonly options: Readonly<Record<string, unknown>>
  readonly plugins: readonly {
    readonly kind: string
    readonly name: string
    readonly version?: string
    readonly path: string
  }[]
  /** Of the roles that the results depend on. */
  readonly fingerprints: Readonly<Record<string, string | readonly string[]>>
  /** What each judge, by its fingerprint, is shown of a sample beside pictures or plan. Absent in records of older versions. */
  readonly sights?: Readonly<Record<string, readonly JudgeSight[]>>
  readonly data: { readonly file: string; readonly sha256: string; readonly samples: number }
  /** Of an evaluation: the training run and step behind each Thinker that comes from one. */
  readonly evaluated?: Readonly<Record<string, { readonly run: string; readonly step: number }>>
  readonly node: string
  /** State of the git checkout that the project lies in, where there is one. */
  readonly git?: GitState
}

export interface RunStatus {
  /** `interrupted`: asked to, or a budget was used up. `stopped` and `failed`: by an error, see `stateAfter`. */
  readonly state: 'running' | 'interrupted' | 'stopped' | 'failed' | 'finished'
  /** Steps done, or rollouts in an evaluation. */
  readonly step: number
  readonly steps: number
  /** ISO 8601. */
  readonly updatedAt: string
  readonly error?: { readonly code: string; readonly message: string; readonly next?: string }
}

export interface RunInfo {
  readonly name: string
  readonly dir: string
  readonly manifest: RunManifest
  readonly status: RunStatus
  /** The process that works on it now. A run that says `running` without one was killed and can be continued. */
  readonly pid?: number
}

/** `<task>-<8 hex digits of the config>`: the same command finds the run that it began. */
export function defaultRunName(
  task: Task,
  config: ProjectConfig,
  options: Readonly<Record<string, unknown>> = {},
): string {
  return `${task}-${canonicalHash([withoutFree(config), options]).slice(0, 8)}`
}

/** @throws DdaError `DDA_RUN_MISSING`, `DDA_RUN_CORRUPT` */
export async function readRun(runDir: string): Promise<RunInfo> {
  const manifest = await readManifest(runFile(runDir, 'manifest'))
  if (manifest === undefined) {
    throw errors.make('DDA_RUN_MISSING', { runDir })
  }
  const status = (await readStatus(runDir)) ?? {
    state: 'running',
    step: 0,
    steps: 0,
    updatedAt: manifest.created,
  }
  const pid = await lockHolder(runDir)
  const name = runDir.split(/[/\\]/).findLast((part) => part !== '') ?? runDir
  return { name, dir: runDir, manifest, status, ...(pid === undefined ? {} : { pid }) }
}

/** All runs of a project, newest first. Folders that are no runs are passed over. */
export async function listRuns(runsDir: string): Promise<RunInfo[]> {
  let names: string[]
  try {
    names = await nodeFiles.readdir(runsDir)
  } catch (error) {
    if (errno(error) === 'ENOENT') return []
    throw fileError(error, 'read', runsDir)
  }
  const runs: RunInfo[] = []
  for (const name of names) {
    try {
      runs.push(await readRun(join(runsDir, name)))
    } catch (error) {
      if (!isDdaError(error)) throw error
    }
  }
  return runs.toSorted((a, b) => order(b.manifest, a.manifest))
}

type Begun = Pick<RunManifest, 'created' | 'ordinal'>

/** Was this run begun before that one? */
export function begunBefore(run: Begun, other: Begun): boolean {
  return order(run, other) < 0
}

/** Runs of versions that had no ordinal come first, by the clock. */
function order(a: Begun, b: Begun): number {
  return (a.ordinal ?? 0) - (b.ordinal ?? 0) || a.created.localeCompare(b.created)
}

export async function writeStatus(runDir: string, status: Omit<RunStatus, 'updatedAt'>): Promise<void> {
  const full: RunStatus = { ...status, updatedAt: new Date().toISOString() }
  // Written every step, and only told to people: not worth waiting for the disk.
  await writeFileAtomic(runFile(runDir, 'status'), `${JSON.stringify(full, undefined, 2)}\n`, { durable: false })
}

/**
 * Writes the manifest of a new run, or compares it with that of the run that continues.
 *
 * @returns true where the run was there before
 * @throws DdaError `DDA_RUN_CONFIG_CHANGED` naming the keys that differ, where the run holds results or was another task
 */
export async function claimManifest(
  runDir: string,
  manifest: RunManifest,
  allowChange: boolean,
  warn: (message: string) => void,
): Promise<boolean> {
  const path = runFile(runDir, 'manifest')
  const before = await readManifest(path)
  const write = (value: RunManifest) => writeFileAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`)
  if (before === undefined) {
    const others = await listRuns(dirname(runDir))
    const last = others.reduce((most, { manifest: { ordinal = 0 } }) => Math.max(most, ordinal), 0)
    await write({ ...manifest, ordinal: last + 1 })
    return false
  }
  const keys = changedKeys(before, manifest)
  if (keys.length === 0) return true
  if (allowChange) warn(`Continuing ${runDir} with changed settings: ${keys.join(', ')}`)
  else if (keys.includes('task') || (await holdsResults(runDir))) throw configChanged(runDir, keys)
  else {
    // It stopped before its first result, say where a service was away that tells its identity when it is there: nothing is lost.
    warn(`${runDir} holds nothing yet; it begins anew, with other settings: ${keys.join(', ')}`)
    await nodeFiles.rm(runFile(runDir, 'journal'), { force: true })
  }
  const { created, ordinal } = before
  await write({ ...manifest, created, ...(ordinal === undefined ? {} : { ordinal }) })
  return true
}

/** Is there a rollout, a checkpoint, or anything of an external trainer or a benchmark? Where that cannot be told, there may be. */
async function holdsResults(runDir: string): Promise<boolean> {
  for (const folder of ['checkpoints', 'engine', 'results'] as const) {
    try {
      if ((await nodeFiles.readdir(runFile(runDir, folder))).length > 0) return true
    } catch (error) {
      if (errno(error) !== 'ENOENT') return true
    }
  }
  try {
    for await (const { type } of readJournal(runDir)) if (type !== 'thinker') return true
    return false
  } catch {
    return true
  }
}

export function configChanged(runDir: string, keys: readonly string[]): DdaError {
  return errors.make(
    'DDA_RUN_CONFIG_CHANGED',
    { runDir, keys: keys.join(', ') },
    { location: runFile(runDir, 'manifest') },
  )
}

function changedKeys(before: RunManifest, now: RunManifest): string[] {
  const compared = ({ task, seed, config, options, fingerprints, data }: RunManifest) => ({
    ...withoutFree(config),
    task,
    seed,
    options,
    fingerprints,
    data: { dir: config.data.dir, sha256: data.sha256 },
  })
  return differences(compared(before), compared(now), '')
}

/** Dotted paths of the leaves in which two values differ. */
export function differences(a: unknown, b: unknown, path: string): string[] {
  if (isRecord(a) && isRecord(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted()
    return keys.flatMap((key) => differences(a[key], b[key], path === '' ? key : `${path}.${key}`))
  }
  const same = canonicalJson(a ?? null) === canonicalJson(b ?? null)
  return same ? [] : [path]
}

/** Where it is broken it is as good as absent: nothing depends on it but what people are shown. */
async function readStatus(runDir: string): Promise<RunStatus | undefined> {
  try {
    return await readJson<RunStatus>(runFile(runDir, 'status'), RUN_STATUS)
  } catch (error) {
    if (isDdaError(error) && error.code === 'DDA_RUN_CORRUPT') return undefined
    throw error
  }
}

/** `undefined` where there is no such file. @throws DdaError `DDA_RUN_CORRUPT` */
function readManifest(path: string): Promise<RunManifest | undefined> {
  return readJson<RunManifest>(path, RUN_MANIFEST)
}
