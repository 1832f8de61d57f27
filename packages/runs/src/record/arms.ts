import {
  type ChecklistItem,
  type DdaError,
  DigestSet,
  isDdaError,
  type Rollout,
  type Sample,
} from '@dda-thinker/plugin-api'
import { stat } from 'node:fs/promises'
import type { Listed } from '@dda-thinker/evaluation'
import { errno, fileError, jsonLine, nodeFiles, readLines, StoredLines, writeFileAtomic } from '@dda-thinker/store'
import { findData, readSamplesWithEnds } from '../data/data.ts'
import { errors } from '../errors.ts'
import { readJournalWithEnds, type RolloutLine } from './journal.ts'
import { runFile } from './layout.ts'
import type { RunInfo } from './run-dir.ts'
import type { ProjectPaths } from '../data/workspace.ts'

/** A line of `checklists.jsonl`, and of a checklist file that a user gives; further fields of a sample do no harm. */
export interface ChecklistLine {
  /** Of the sample. */
  readonly id: string
  readonly checklist: readonly ChecklistItem[]
}

/** What is recorded of one Thinker. */
export interface RecordedArm {
  /** Of the Thinker; absent in records without. */
  readonly fingerprint?: string
  /** In the order of the record; read from the journal as they are asked for. */
  readonly rollouts: Listed<Rollout>
}

/** Rollouts of an evaluation by Thinker. The journal is read and checked once; memory then holds 12 bytes of each. */
export async function listArms(run: Pick<RunInfo, 'dir'>): Promise<ReadonlyMap<string, RecordedArm>> {
  const file = runFile(run.dir, 'journal')
  const arms = new Map<string, RecordedArm & { readonly rollouts: StoredLines<Rollout> }>()
  const begin = (name: string, fingerprint?: string) => {
    const rollouts = new StoredLines<Rollout>(file, (line) => (line as RolloutLine).rollout)
    const arm = { rollouts, ...(fingerprint === undefined ? {} : { fingerprint }) }
    arms.set(name, arm)
    return arm
  }
  let start = 0
  for await (const { value, end } of readJournalWithEnds(run.dir)) {
    if (value.type === 'thinker') begin(value.thinker, value.fingerprint)
    else if (value.type === 'rollout') {
      const name = value.thinker ?? 'thinker'
      const { rollouts } = arms.get(name) ?? begin(name)
      rollouts.add(start, end)
    }
    start = end
  }
  for (const [name, { rollouts }] of arms) if (rollouts.length === 0) arms.delete(name)
  return arms
}

/** {@link listArms}, all in memory. */
export async function readArms(run: Pick<RunInfo, 'dir'>): Promise<ReadonlyMap<string, readonly Rollout[]>> {
  return new Map([...(await listArms(run))].map(([name, { rollouts }]) => [name, [...rollouts]]))
}

/**
 * The samples of some rollouts in the order of the project's data, each with the checklist that the run was judged by. They are read from the
 * data as they are asked for.
 *
 * @throws DdaError `DDA_DATA_MISSING` where the data no longer hold one of them
 */
export async function listSamplesOf(
  run: Pick<RunInfo, 'dir' | 'name'>,
  rollouts: Iterable<Rollout>,
  paths: ProjectPaths,
): Promise<Listed<Sample>> {
  const asked = new DigestSet()
  for (const { sampleId } of rollouts) asked.add(sampleId)
  const checklists = await readChecklists(runFile(run.dir, 'checklists'))
  const ids = new DigestSet()
  const lists: StoredLines<Sample>[] = []
  // Those that came with requests are in a file of the run.
  for (const file of [await dataOf(paths, runFile(run.dir, 'samples')), runFile(run.dir, 'samples')]) {
    const found = new StoredLines<Sample>(file, (line) => withChecklist(line as Sample, checklists))
    let start = 0
    for await (const { value, end } of readSamplesWithEnds(file)) {
      if (asked.has(value.id) && ids.add(value.id)) found.add(start, end)
      start = end
    }
    if (found.length > 0) lists.push(found)
  }
  const found = joined(lists)
  if (found.length < asked.size) {
    const gone = new Set<string>()
    for (const { sampleId } of rollouts) if (!ids.has(sampleId)) gone.add(sampleId)
    throw errors.make('DDA_DATA_MISSING/gone', { count: gone.size, run: run.name, first: String([...gone][0]) })
  }
  return found
}

/** Whoever sends samples along needs no data. */
async function dataOf(paths: ProjectPaths, own: string): Promise<string> {
  try {
    return (await findData(paths)).file
  } catch (error) {
    if (isDdaError(error) && error.code === 'DDA_DATA_MISSING' && (await stat(own).catch(() => undefined)))
      return paths.samples
    throw error
  }
}

/** Lists one behind the other. */
function joined<T>(lists: readonly Listed<T>[]): Listed<T> {
  const [only] = lists
  if (lists.length === 1 && only !== undefined) return only
  return {
    length: lists.reduce((sum, { length }) => sum + length, 0),
    at: (place) => {
      let first = 0
      for (const list of lists) {
        if (place < first + list.length) return list.at(place - first)
        first += list.length
      }
      return undefined
    },
    *[Symbol.iterator]() {
      for (const list of lists) yield* list
    },
  }
}

/** {@link listSamplesOf}, all in memory. */
export async function samplesOf(...of: Parameters<typeof listSamplesOf>): Promise<Sample[]> {
  return [...(await listSamplesOf(...of))]
}

/** Keeps the checklists that a run is judged by. */
export async function writeChecklists(runDir: string, samples: Iterable<Sample>): Promise<void> {
  const lines = Array.from(samples, ({ id, checklist }) => `${jsonLine({ id, checklist } satisfies ChecklistLine)}\n`)
  await writeFileAtomic(runFile(runDir, 'checklists'), lines.join(''))
}

/** The same samples; those that the map names with its checklist. */
export function withChecklists(
  samples: readonly Sample[],
  checklists: ReadonlyMap<string, readonly ChecklistItem[]>,
): Sample[] {
  return samples.map((sample) => withChecklist(sample, checklists))
}

function withChecklist(sample: Sample, checklists: ReadonlyMap<string, readonly ChecklistItem[]>): Sample {
  const checklist = checklists.get(sample.id)
  return checklist === undefined ? sample : { ...sample, checklist }
}

/**
 * Checklists by sample, from a file of JSON lines with `id` and `checklist` (a `samples.jsonl` is one). None where there is
 * no file.
 *
 * @throws DdaError `DDA_DATA_CORRUPT`, `DDA_CHECKLIST_INVALID` with file:line
 */
export async function readChecklists(file: string): Promise<ReadonlyMap<string, readonly ChecklistItem[]>> {
  const checklists = new Map<string, readonly ChecklistItem[]>()
  let line = 0
  for await (const value of readLines<ChecklistLine>(file, { whole: true })) {
    line += 1
    const problem = lineProblem(value)
    if (problem !== undefined) throw invalid(`Line ${line} of ${file}: ${problem}`, `${file}:${line}:1`)
    if (checklists.has(value.id)) throw invalid(`${file} has two checklists for ${value.id}`, `${file}:${line}:1`)
    checklists.set(value.id, value.checklist)
  }
  return checklists
}

/** What is wrong with a checklist, if anything. */
export function checklistProblem(checklist: unknown): string | undefined {
  if (!Array.isArray(checklist) || checklist.length === 0) return '`checklist` is no list of items'
  const ids = new Set<unknown>()
  for (const item of checklist as readonly Partial<ChecklistItem>[]) {
    const { id, scope, question, expected, weight } = item ?? {}
    if (typeof id !== 'string' || id === '') return 'an item has no `id`'
    if (ids.has(id)) return `the item ${id} is there twice`
    ids.add(id)
    if (scope !== 'cognitive' && scope !== 'visual') return `the scope of item ${id} is neither cognitive nor visual`
    if (typeof question !== 'string' || question === '') return `item ${id} has no \`question\``
    if (expected !== 'yes' && expected !== 'no') return `item ${id} expects neither yes nor no`
    if (weight !== undefined && !(typeof weight === 'number' && weight > 0))
      return `the weight of item ${id} is not above 0`
  }
  return undefined
}

function lineProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is no object'
  const { id, checklist } = value as Partial<ChecklistLine>
  return typeof id === 'string' && id !== '' ? checklistProblem(checklist) : 'it has no `id` of a sample'
}

function invalid(message: string, location: string): DdaError {
  return errors.make('DDA_CHECKLIST_INVALID', { problem: message }, { location })
}

/**
 * One checklist from a YAML or JSON file: a list of items, or an object with the list under `checklist`.
 *
 * @throws DdaError `DDA_CHECKLIST_INVALID`, `DDA_CHECKLIST_MISSING`
 */
export async function readChecklist(file: string): Promise<readonly ChecklistItem[]> {
  // Most commands read no checklist.
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(await nodeFiles.readFile(file, 'utf8'), { logLevel: 'error' })
  } catch (error) {
    if (errno(error) === 'ENOENT') throw noFile(file)
    if (errno(error) !== undefined) throw fileError(error, 'read', file)
    throw invalid(`${file} is neither YAML nor JSON`, file)
  }
  const list: unknown = Array.isArray(value) ? value : (value as { readonly checklist?: unknown } | null)?.checklist
  const problem = checklistProblem(list)
  if (problem !== undefined) throw invalid(`${file}: ${problem}`, file)
  return list as readonly ChecklistItem[]
}

function noFile(file: string): DdaError {
  return errors.make('DDA_CHECKLIST_MISSING/file', { file }, { location: file })
}
