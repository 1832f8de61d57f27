import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataEntry, isFileName, readJson } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem } from '@dda-thinker/plugin-api'
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
  const given = new DataEntry(value, where)
  const { category } = given.entry
  if (!isCategory(category)) {
    throw errors.make('DDA_BENCHMARK_DATA/rise-category', {
      where,
      category: JSON.stringify(category),
      known: CATEGORY_NAMES.join(', '),
    })
  }
  const id = given.need('index')
  if (!isFileName(id)) throw errors.make('DDA_BENCHMARK_DATA/rise-index', { where, id: JSON.stringify(id) })
  const subtask = given.text('subtask')
  const reference = given.text('reference') ?? given.text('reference_txt')
  const picture = given.text('reference_img')
  return {
    id,
    category,
    ...(subtask !== undefined && { subtask }),
    instruction: given.need('instruction'),
    images: [given.path(given.need('image'))],
    ...(reference !== undefined && { reference }),
    ...(picture !== undefined && { referenceImages: [given.path(picture)] }),
    output: `images/${category}/${id}`,
    entry: given.entry,
  }
}
