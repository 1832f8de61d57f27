import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataEntry, isFileName, readJson } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

const CODE = 'DDA_BENCHMARK_DATA'
const FILE = 'data.json'

/**
 * Reads the list of items. Ids are `name#idx`, as the official script keys its answers.
 *
 * @throws DdaError `DDA_BENCHMARK_DATA`
 */
export async function loadUniredit(data: string): Promise<readonly BenchmarkItem[]> {
  const isFile = await stat(data).then(
    (found) => found.isFile(),
    () => false,
  )
  const file = isFile ? data : join(data, FILE)
  const list = await readJson(file, CODE)
  if (!Array.isArray(list)) throw errors.make('DDA_BENCHMARK_DATA/uniredit-list', { file })
  const seen = new Set<string>()
  return list.map((value: unknown, at) => {
    const where = `${file}: item ${at + 1}`
    const item = itemOf(new DataEntry(value, where), where)
    if (seen.has(item.id)) throw errors.make('DDA_BENCHMARK_DATA/uniredit-twice', { where, id: item.id })
    seen.add(item.id)
    return item
  })
}

function itemOf(given: DataEntry, where: string): BenchmarkItem {
  const name = given.need('name')
  const { idx } = given.entry
  const number = typeof idx === 'number' ? String(idx) : given.need('idx')
  if (!isFileName(name)) throw errors.make('DDA_BENCHMARK_DATA/uniredit-name', { where, name: JSON.stringify(name) })
  if (!isFileName(number)) throw errors.make('DDA_BENCHMARK_DATA/uniredit-idx', { where, idx: JSON.stringify(number) })
  const instruction = given.need('instruction')
  const { rules } = given.entry
  const reference = given.text('reference_effect')
  return {
    id: `${name}#${number}`,
    category: name,
    // Games: the rules stand before the task, for the Editor as for the judge.
    instruction: typeof rules === 'string' && rules !== '' ? `${rules}\n${instruction}` : instruction,
    images: [given.path(given.need('original_image_path'))],
    ...(reference !== undefined && reference !== '' && { reference }),
    referenceImages: [given.path(given.need('reference_image_path'))],
    output: `${name}/${number}`,
    entry: given.entry,
  }
}
