import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataEntry, isFileName, readJson } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

const CODE = 'DDA_BENCHMARK_DATA'
const FILE = 'result.json'
/** What the official script counts under another domain. */
const DOMAINS: Readonly<Record<string, string>> = { board: 'sports', engineering: 'physics' }

/** One weighted yes/no question of an item. */
export interface PointQuestion {
  readonly question: string
  /** Share of the item's reasoning score; those of an item sum to 1. */
  readonly score: number
}

/**
 * Reads the list of items; the domain is what stands before the first `_` of the task's id.
 *
 * @throws DdaError `DDA_BENCHMARK_DATA`
 */
export async function loadGrade(data: string): Promise<readonly BenchmarkItem[]> {
  const isFile = await stat(data).then(
    (found) => found.isFile(),
    () => false,
  )
  const file = isFile ? data : join(data, FILE)
  const list = await readJson(file, CODE)
  if (!Array.isArray(list)) throw errors.make('DDA_BENCHMARK_DATA/grade-list', { file })
  const seen = new Set<string>()
  return list.map((value: unknown, at) => {
    const where = `${file}: item ${at + 1}`
    const item = itemOf(new DataEntry(value, where), where)
    if (seen.has(item.id)) throw errors.make('DDA_BENCHMARK_DATA/grade-twice', { where, id: item.id })
    seen.add(item.id)
    return item
  })
}

function itemOf(given: DataEntry, where: string): BenchmarkItem {
  const id = given.need('task_id')
  if (!isFileName(id)) throw errors.make('DDA_BENCHMARK_DATA/grade-task', { where, id: JSON.stringify(id) })
  const kind = given.need('consistency')
  if (kind !== 'overall' && kind !== 'style' && kind !== 'none') {
    throw errors.make('DDA_BENCHMARK_DATA/grade-consistency', { where, kind: JSON.stringify(kind) })
  }
  if (pointsOf(given.entry['questions']) === undefined) {
    throw errors.make('DDA_BENCHMARK_DATA/grade-questions', { where })
  }
  const prefix = id.split('_')[0] ?? id
  const subtask = given.text('sub_task')
  const edited = given.text('editing_path')
  return {
    id,
    category: DOMAINS[prefix] ?? prefix,
    ...(subtask !== undefined && subtask !== '' && { subtask }),
    instruction: given.need('text'),
    images: [given.path(given.need('image_path'))],
    referenceImages: [given.path(given.need('gt'))],
    output: edited === undefined || edited === '' ? `editing/${id}` : given.path(edited).replace(/\.\w+$/, ''),
    entry: given.entry,
  }
}

/** The questions of an entry; `undefined` where they are none. */
export function pointsOf(value: unknown): readonly PointQuestion[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const points = value.flatMap((given: unknown): PointQuestion[] => {
    if (typeof given !== 'object' || given === null) return []
    const { question, score } = given as { question?: unknown; score?: unknown }
    return typeof question === 'string' && typeof score === 'number' ? [{ question, score }] : []
  })
  return points.length === value.length ? points : undefined
}
