import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { insidePath, isFileName, readJson } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem, Json } from '@dda-thinker/plugin-api'
import { CATEGORY_NAMES, isCategory } from './categories.ts'
import { errors } from './errors.ts'

/** The full set first, then the 64 items that the official repository ships. */
const FILES = ['datav2_total_w_subtask.json', 'data_total.json']

/**
 * Reads the list of items. An absent key does not apply to its item; the 64-item file has neither sub-tasks nor flags.
 *
 * @throws DdaError `DDA_BENCHMARK_DATA`
 */
export async function loadRise(data: string): Promise<readonly BenchmarkItem[]> {
  const file = await dataFile(data)
  const list = await readJson(file, 'DDA_BENCHMARK_DATA')
  if (!Array.isArray(list)) throw errors.make('DDA_BENCHMARK_DATA/rise-list', { file })
  const seen = new Set<string>()
  return list.map((entry: unknown, at) => {
    const item = itemOf(entry, `${file}: item ${at + 1}`)
    if (seen.has(item.id)) throw errors.make('DDA_BENCHMARK_DATA/rise-twice', { file, number: at + 1, id: item.id })
    seen.add(item.id)
    return item
  })
}

function insideOf(path: string, where: string): string {
  return insidePath(path, where)
}

async function dataFile(data: string): Promise<string> {
  const isFile = async (path: string): Promise<boolean> =>
    stat(path).then(
      (found) => found.isFile(),
      () => false,
    )
  if (await isFile(data)) return data
  for (const name of FILES) if (await isFile(join(data, name))) return join(data, name)
  throw errors.make('DDA_BENCHMARK_DATA/rise-files', { files: FILES.join(' and no '), data })
}

function itemOf(value: unknown, where: string): BenchmarkItem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw errors.make('DDA_BENCHMARK_DATA/rise-item', { where })
  }
  const entry = value as Record<string, Json>
  const text = (key: string): string | undefined => {
    const found = entry[key]
    if (found === undefined || found === null) return undefined
    if (typeof found === 'string') return found
    throw errors.make('DDA_BENCHMARK_DATA/rise-text', { where, key })
  }
  const need = (key: string): string => {
    const found = text(key)
    if (found === undefined || found === '') throw errors.make('DDA_BENCHMARK_DATA/rise-missing', { where, key })
    return found
  }
  const { category } = entry
  if (!isCategory(category)) {
    throw errors.make('DDA_BENCHMARK_DATA/rise-category', {
      where,
      category: JSON.stringify(category),
      known: CATEGORY_NAMES.join(', '),
    })
  }
  const id = need('index')
  if (!isFileName(id)) throw errors.make('DDA_BENCHMARK_DATA/rise-index', { where, id: JSON.stringify(id) })
  const subtask = text('subtask')
  const reference = text('reference') ?? text('reference_txt')
  const picture = text('reference_img')
  return {
    id,
    category,
    ...(subtask !== undefined && { subtask }),
    instruction: need('instruction'),
    images: [insideOf(need('image'), where)],
    ...(reference !== undefined && { reference }),
    ...(picture !== undefined && { referenceImages: [insideOf(picture, where)] }),
    output: `images/${category}/${id}`,
    entry,
  }
}
