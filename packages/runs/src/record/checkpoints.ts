import { join, relative } from 'node:path'
import { canonicalJson, type DdaError, isDdaError, type Plan, readWholeJson } from '@dda-thinker/plugin-api'
import { errno, fileError, type Files, hashOfFile, nodeFiles, sha256, syncFolder } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { runFile } from './layout.ts'
import { PLANS_AHEAD, writePlansAhead } from './plans-ahead.ts'
import { CHECKPOINT_MANIFEST } from '../shapes/record-shapes.ts'
import { shapeProblem } from '../shapes/shape.ts'

/** Size of a file and hex SHA-256 of what is in it. */
interface FileFacts {
  readonly bytes: number
  readonly sha256: string
}

/** `checkpoint.json`: the state of a run at the end of a step. */
export interface CheckpointManifest {
  /** 1 had no seal. */
  readonly format: 1 | 2
  readonly step: number
  readonly policyVersion: number
  /** Length of `journal.jsonl` and `metrics.jsonl` at the end of the step. */
  readonly journalBytes: number
  readonly metricsBytes: number
  /** Hex SHA-256 of that much of them; absent in checkpoints of older versions. */
  readonly journalSha256?: string
  readonly metricsSha256?: string
  /** By path within the trainer's folder. */
  readonly files: Readonly<Record<string, FileFacts>>
  /** Of the plans that were there for the next step; absent where there were none. */
  readonly plansAhead?: FileFacts
  /** SHA-256 of the canonical JSON of everything else: a damaged number would cut the journal in the wrong place. */
  readonly seal?: string
}

/** What a checkpoint says of the end of its step. */
export type StepEnd = Omit<CheckpointManifest, 'format' | 'files' | 'plansAhead' | 'seal'>

export interface Checkpoint extends CheckpointManifest {
  readonly folder: string
  /** What `Trainer.load` takes. */
  readonly trainerFolder: string
}

const MANIFEST = 'checkpoint.json'

/** What a checkpoint holds. */
export interface CheckpointContent {
  /** Writes the trainer's state. */
  readonly save: (folder: string) => Promise<void>
  /** Plans of the next step that have been made. */
  readonly plansAhead: readonly Plan[]
}

/**
 * Writes `checkpoints/step-NNNNNN`: everything goes to a temporary folder, reaches the disk and is renamed, so a checkpoint
 * is whole or not there.
 */
export async function writeCheckpoint(
  runDir: string,
  facts: StepEnd,
  { save, plansAhead }: CheckpointContent,
  keep: number,
  files: Files = nodeFiles,
): Promise<Checkpoint> {
  const parent = runFile(runDir, 'checkpoints')
  const folder = join(parent, checkpointName(facts.step))
  const temporary = join(parent, `.tmp-${checkpointName(facts.step)}-${process.pid}`)
  try {
    await files.rm(temporary, { recursive: true, force: true })
    const trainerFolder = join(temporary, 'trainer')
    await files.mkdir(trainerFolder, { recursive: true })
    await save(trainerFolder)
    const unsealed = {
      format: 2,
      ...facts,
      files: await describeFiles(trainerFolder, files),
      ...(plansAhead.length > 0 && { plansAhead: await putPlans(temporary, plansAhead, files) }),
    } as const
    const manifest: CheckpointManifest = { ...unsealed, seal: sealOf(unsealed) }
    const handle = await files.open(join(temporary, MANIFEST), 'w')
    try {
      await handle.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await syncFolder(temporary, files)
    await files.rm(folder, { recursive: true, force: true })
    await files.rename(temporary, folder)
    await syncFolder(parent, files)
    await pruneCheckpoints(runDir, keep, facts.step, files)
    return { ...manifest, folder, trainerFolder: join(folder, 'trainer') }
  } catch (error) {
    await files.rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw fileError(error, 'write', folder)
  }
}

/**
 * The checkpoints of a run, newest first, each verified by the hashes of its files. One that is damaged is passed over with
 * a warning that names it.
 */
export async function* soundCheckpoints(
  runDir: string,
  warn: (message: string) => void = () => undefined,
): AsyncGenerator<Checkpoint, void, void> {
  for (const name of (await checkpointNames(runFile(runDir, 'checkpoints'), nodeFiles)).toReversed()) {
    const folder = join(runFile(runDir, 'checkpoints'), name)
    let checkpoint: Checkpoint
    try {
      checkpoint = await verifyCheckpoint(folder)
    } catch (error) {
      if (!isDdaError(error)) throw error
      warn(`${error.message}; it is passed over`)
      continue
    }
    yield checkpoint
  }
}

/** The newest sound checkpoint. */
export async function latestCheckpoint(
  runDir: string,
  warn: (message: string) => void = () => undefined,
): Promise<Checkpoint | undefined> {
  for await (const checkpoint of soundCheckpoints(runDir, warn)) return checkpoint
  return undefined
}

/** How far the newest checkpoint says the run was; what the trainer wrote is not looked at, so this is for what people are shown. */
export async function newestStepEnd(runDir: string): Promise<StepEnd | undefined> {
  const parent = runFile(runDir, 'checkpoints')
  for (const name of (await checkpointNames(parent, nodeFiles)).toReversed()) {
    const manifest = await readManifest(join(parent, name)).catch(() => undefined)
    if (manifest !== undefined) return manifest
  }
  return undefined
}

/** @throws DdaError `DDA_CHECKPOINT_CORRUPT` naming the file that is missing or changed */
export async function verifyCheckpoint(folder: string): Promise<Checkpoint> {
  const manifest = await readManifest(folder)
  const trainerFolder = join(folder, 'trainer')
  for (const [name, facts] of Object.entries(manifest.files)) {
    let found: string
    try {
      found = await hashOfFile(join(trainerFolder, name))
    } catch (error) {
      throw corrupt(folder, `${name} cannot be read`, error)
    }
    if (found !== facts.sha256) throw corrupt(folder, `${name} has changed since it was written`, undefined)
  }
  const { plansAhead } = manifest
  if (plansAhead !== undefined && (await hashOfFile(join(folder, PLANS_AHEAD)).catch(() => '')) !== plansAhead.sha256)
    throw corrupt(folder, `${PLANS_AHEAD} is missing or has changed since it was written`, undefined)
  return { ...manifest, folder, trainerFolder }
}

/** @throws DdaError `DDA_CHECKPOINT_CORRUPT` */
async function readManifest(folder: string): Promise<CheckpointManifest> {
  let manifest: CheckpointManifest
  try {
    manifest = (await readWholeJson(join(folder, MANIFEST))) as CheckpointManifest
  } catch (error) {
    throw corrupt(folder, `${MANIFEST} is missing or broken`, error)
  }
  const problem = shapeProblem(CHECKPOINT_MANIFEST, manifest)
  if (problem !== undefined) throw corrupt(folder, `${MANIFEST} is no manifest of a checkpoint: ${problem}`, undefined)
  if (!isSealed(manifest)) throw corrupt(folder, `${MANIFEST} has changed since it was written`, undefined)
  return manifest
}

function sealOf(manifest: Omit<CheckpointManifest, 'seal'>): string {
  return sha256(canonicalJson(manifest))
}

function isSealed(manifest: CheckpointManifest): boolean {
  const { seal, ...rest } = manifest
  return manifest.format === 1 || (manifest.format === 2 && seal === sealOf(rest))
}

function corrupt(folder: string, what: string, cause: unknown): DdaError {
  return errors.make('DDA_CHECKPOINT_CORRUPT', { folder, what }, { location: folder, cause })
}

function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`
}

async function checkpointNames(parent: string, files: Files): Promise<string[]> {
  try {
    const names = (await files.readdir(parent)).filter((name) => /^step-\d{6,}$/.test(name))
    return names.toSorted((a, b) => stepOf(a) - stepOf(b))
  } catch (error) {
    if (errno(error) === 'ENOENT') return []
    throw fileError(error, 'read', parent)
  }
}

function stepOf(name: string): number {
  return Number(name.slice('step-'.length))
}

/**
 * Keeps the last so many, never counting what lies after `step` (left by a run that fell back), and nothing of a checkpoint that a killed
 * process was taking away.
 */
export async function pruneCheckpoints(
  runDir: string,
  keep: number,
  step: number,
  files: Files = nodeFiles,
): Promise<void> {
  const parent = runFile(runDir, 'checkpoints')
  const names = await checkpointNames(parent, files)
  if (names.length === 0) return
  const older = names.filter((name) => stepOf(name) <= step)
  const doomed = [...older.slice(0, -keep), ...names.filter((name) => stepOf(name) > step)]
  try {
    for (const name of doomed) await files.rm(join(parent, name), { recursive: true, force: true })
    await removeTemporary(parent, files)
  } catch (error) {
    throw fileError(error, 'remove', parent)
  }
}

/** Checkpoints that a killed process was writing. Of a run that this process has locked; never fails: nothing depends on it. */
export async function removeUnfinished(runDir: string): Promise<void> {
  await removeTemporary(runFile(runDir, 'checkpoints'), nodeFiles).catch(() => undefined)
}

async function removeTemporary(parent: string, files: Files): Promise<void> {
  for (const name of await files.readdir(parent)) {
    if (name.startsWith('.tmp-')) await files.rm(join(parent, name), { recursive: true, force: true })
  }
}

async function putPlans(folder: string, plans: readonly Plan[], files: Files): Promise<FileFacts> {
  await writePlansAhead(folder, plans, files)
  return factsOf(join(folder, PLANS_AHEAD), files)
}

async function factsOf(path: string, files: Files): Promise<FileFacts> {
  const { size } = await files.stat(path)
  return { bytes: size, sha256: await hashOfFile(path) }
}

/** Hashes what the trainer wrote and makes it durable. */
async function describeFiles(folder: string, files: Files): Promise<CheckpointManifest['files']> {
  const found: Record<string, FileFacts> = {}
  const visit = async (at: string): Promise<void> => {
    for (const entry of (await nodeFiles.readdir(at)).toSorted()) {
      const path = join(at, entry)
      if ((await files.stat(path)).isDirectory()) {
        await visit(path)
        continue
      }
      found[relative(folder, path).replaceAll('\\', '/')] = await factsOf(path, files)
      const handle = await files.open(path, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    }
    await syncFolder(at, files)
  }
  await visit(folder)
  return found
}
