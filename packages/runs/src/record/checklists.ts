import { type ChecklistItem, type DdaError, readWhole, type Sample } from '@dda-thinker/plugin-api'
import { errno, fileError, LineIndex, readLinesWithEnds, StoredLines } from '@dda-thinker/store'
import { createLinesFile } from '../data/line-files.ts'
import { errors } from '../errors.ts'
import { runFile } from './layout.ts'

/** A line of `checklists.jsonl`, and of a checklist file that a user gives; further fields of a sample do no harm. */
export interface ChecklistLine {
  /** Of the sample. */
  readonly id: string
  readonly checklist: readonly ChecklistItem[]
}

/** Keeps the checklists that a run is judged by. */
export async function writeChecklists(runDir: string, samples: Iterable<Sample>): Promise<void> {
  const file = await createLinesFile(runFile(runDir, 'checklists'))
  try {
    for (const { id, checklist } of samples) await file.write({ id, checklist } satisfies ChecklistLine)
    await file.commit()
  } catch (error) {
    await file.discard()
    throw error
  }
}

/** Checklists by sample: a map, or a file that is read as they are asked for. */
export interface Checklists extends Iterable<readonly [string, readonly ChecklistItem[]]> {
  readonly size: number
  has(sampleId: string): boolean
  get(sampleId: string): readonly ChecklistItem[] | undefined
}

/**
 * Checklists by sample, from a file of JSON lines with `id` and `checklist` (a `samples.jsonl` is one). None where there is
 * no file. All lines are checked now, and read again as they are asked for.
 *
 * @throws DdaError `DDA_DATA_CORRUPT`, `DDA_CHECKLIST_INVALID` with file:line
 */
export async function openChecklists(file: string): Promise<Checklists> {
  const lines = new StoredLines<ChecklistLine>(file)
  const index = new LineIndex(lines, ({ id }) => id)
  let start = 0
  for await (const { value, end } of readLinesWithEnds<ChecklistLine>(file, { whole: true })) {
    const line = lines.length + 1
    const problem = lineProblem(value)
    if (problem !== undefined) throw invalid(`Line ${line} of ${file}: ${problem}`, `${file}:${line}:1`)
    if (!index.add(value.id, lines.length) && index.has(value.id))
      throw invalid(`${file} has two checklists for ${value.id}`, `${file}:${line}:1`)
    lines.add(start, end)
    start = end
  }
  return {
    size: lines.length,
    has: (id) => index.has(id),
    get: (id) => index.get(id)?.checklist,
    *[Symbol.iterator]() {
      for (const { id, checklist } of lines) yield [id, checklist] as const
    },
  }
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
    value = parse(String(await readWhole(file)), { logLevel: 'error' })
  } catch (error) {
    if (errno(error) === 'ENOENT') throw noFile(file)
    if (errno(error) !== undefined) throw fileError(error, 'read', file)
    if (error instanceof RangeError) throw invalid(`${file}: ${error.message}`, file)
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
