import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataEntry, isFileName, readJson } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem, Json } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { FOLDERS } from './folders.ts'

/**
 * Reads `<folder>/annotation.json` of each folder of KRIS-Bench that is there. Ids are `folder/number`.
 *
 * @throws DdaError `DDA_BENCHMARK_DATA`
 */
export async function loadKris(data: string): Promise<readonly BenchmarkItem[]> {
  const names = await readdir(data).catch((cause: unknown) => {
    throw errors.make('DDA_BENCHMARK_DATA/kris-unreadable', { data }, { cause })
  })
  const folders = FOLDERS.filter((folder) => names.includes(folder))
  if (folders.length === 0) {
    throw errors.make('DDA_BENCHMARK_DATA/kris-folders', { data, folders: FOLDERS.slice(0, 3).join(', ') })
  }
  const lists = await Promise.all(folders.map((folder) => folderItems(data, folder)))
  return lists.flat()
}

async function folderItems(data: string, folder: string): Promise<readonly BenchmarkItem[]> {
  const file = join(data, folder, 'annotation.json')
  const annotations = await readJson(file, 'DDA_BENCHMARK_DATA')
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) {
    throw errors.make('DDA_BENCHMARK_DATA/kris-annotations', { file })
  }
  return Object.entries(annotations).map(([id, entry]) => itemOf(folder, id, entry, `${file}: ${id}`))
}

function itemOf(folder: string, id: string, value: unknown, where: string): BenchmarkItem {
  const given = new DataEntry(value, where)
  const { entry } = given
  if (!isFileName(id)) throw errors.make('DDA_BENCHMARK_DATA/kris-id', { where })
  const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '')
  const pictures = (key: string): readonly string[] => {
    const found = entry[key]
    const list: readonly (Json | undefined)[] = Array.isArray(found) ? found : [found]
    return list
      .filter((name): name is string => typeof name === 'string' && name !== '')
      .map((name) => given.path(`${folder}/${name}`))
  }
  const instruction = text('ins_en') || text('instruction')
  const images = pictures('ori_img')
  if (instruction === '') throw errors.make('DDA_BENCHMARK_DATA/kris-instruction', { where })
  if (images.length === 0) throw errors.make('DDA_BENCHMARK_DATA/kris-picture', { where })
  const reference = text('explain_en') || text('explain')
  const referenceImages = pictures('gt_img')
  return {
    id: `${folder}/${id}`,
    category: folder,
    instruction,
    images,
    ...(reference !== '' && { reference }),
    ...(referenceImages.length > 0 && { referenceImages }),
    output: `${folder}/${id}`,
    entry,
  }
}
