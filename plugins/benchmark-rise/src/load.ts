import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { insidePath, isFileName, readJson } from '@dda-thinker/benchmark-kit'
import { DdaError, type BenchmarkItem, type Json } from '@dda-thinker/plugin-api'
import { CATEGORY_NAMES, isCategory } from './categories.ts'

const CODE = 'DDA_BENCHMARK_DATA'

/** The full set first, then the 64 items that the official repository ships. */
const FILES = ['datav2_total_w_subtask.json', 'data_total.json']

/**
 * Reads the list of items. An absent key does not apply to its item; the 64-item file has neither sub-tasks nor flags.
 *
 * @throws DdaError `DDA_BENCHMARK_DATA`
 */
export async function loadRise(data: string): Promise<readonly BenchmarkItem[]> {
  const file = await dataFile(data)
  const list = await readJson(file, CODE)
  if (!Array.isArray(list)) throw new DdaError(CODE, `${file} is not a list of items`)
  const seen = new Set<string>()
  return list.map((entry: unknown, at) => {
    const item = itemOf(entry, `${file}: item ${at + 1}`)
    if (seen.has(item.id)) throw new DdaError(CODE, `${file}: item ${at + 1}: another has the index ${item.id} too`)
    seen.add(item.id)
    return item
  })
}

function insideOf(path: string, where: string): string {
  return insidePath(path, CODE, where)
}

async function dataFile(data: string): Promise<string> {
  const isFile = async (path: string): Promise<boolean> =>
    stat(path).then(
      (found) => found.isFile(),
      () => false,
    )
  if (await isFile(data)) return data
  for (const name of FILES) if (await isFile(join(data, name))) return join(data, name)
  throw new DdaError(CODE, `there is no ${FILES.join(' and no ')} in ${data}`, {
    next: 'Give the folder of RISE-Bench’s data, or the JSON file that lists the items.',
  })
}

function itemOf(value: unknown, where: string): BenchmarkItem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DdaError(CODE, `${where} is not an object`)
  }
  const entry = value as Record<string, Json>
  const text = (key: string): string | undefined => {
    const found = entry[key]
    if (found === undefined || found === null) return undefined
    if (typeof found === 'string') return found
    throw new DdaError(CODE, `${where}: ${key} is not text`)
  }
  const need = (key: string): string => {
    const found = text(key)
    if (found === undefined || found === '') throw new DdaError(CODE, `${where} has no ${key}`)
    return found
  }
  const { category } = entry
  if (!isCategory(category)) {
    throw new DdaError(CODE, `${where}: category is ${JSON.stringify(category)}, expected ${CATEGORY_NAMES.join(', ')}`)
  }
  const id = need('index')
  if (!isFileName(id)) throw new DdaError(CODE, `${where}: the index ${JSON.stringify(id)} is no name of a file`)
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
