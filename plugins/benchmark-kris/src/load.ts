import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { insidePath, isFileName, readJson } from '@dda-thinker/benchmark-kit'
import { DdaError, type BenchmarkItem, type Json } from '@dda-thinker/plugin-api'
import { FOLDERS } from './folders.ts'

const CODE = 'DDA_BENCHMARK_DATA'

/**
 * Reads `<folder>/annotation.json` of each folder of KRIS-Bench that is there. Ids are `folder/number`.
 *
 * @throws DdaError `DDA_BENCHMARK_DATA`
 */
export async function loadKris(data: string): Promise<readonly BenchmarkItem[]> {
  const names = await readdir(data).catch((cause: unknown) => {
    throw new DdaError(CODE, `${data} cannot be read`, { cause, next: 'Give the folder KRIS_Bench of the data.' })
  })
  const folders = FOLDERS.filter((folder) => names.includes(folder))
  if (folders.length === 0) {
    throw new DdaError(CODE, `${data} has none of the folders of KRIS-Bench`, {
      next: `Give the folder that holds ${FOLDERS.slice(0, 3).join(', ')} and so on, each with its annotation.json.`,
    })
  }
  const lists = await Promise.all(folders.map((folder) => folderItems(data, folder)))
  return lists.flat()
}

async function folderItems(data: string, folder: string): Promise<readonly BenchmarkItem[]> {
  const file = join(data, folder, 'annotation.json')
  const annotations = await readJson(file, CODE)
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) {
    throw new DdaError(CODE, `${file} is not an object of annotations by id`)
  }
  return Object.entries(annotations).map(([id, entry]) => itemOf(folder, id, entry, `${file}: ${id}`))
}

function itemOf(folder: string, id: string, value: unknown, where: string): BenchmarkItem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DdaError(CODE, `${where} is not an object`)
  }
  if (!isFileName(id)) throw new DdaError(CODE, `${where}: the id is no name of a file`)
  const entry = value as Record<string, Json>
  const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '')
  const pictures = (key: string): readonly string[] => {
    const found = entry[key]
    const list: readonly (Json | undefined)[] = Array.isArray(found) ? found : [found]
    return list
      .filter((name): name is string => typeof name === 'string' && name !== '')
      .map((name) => insidePath(`${folder}/${name}`, CODE, where))
  }
  const instruction = text('ins_en') || text('instruction')
  const images = pictures('ori_img')
  if (instruction === '') throw new DdaError(CODE, `${where} has no ins_en`)
  if (images.length === 0) throw new DdaError(CODE, `${where} has no ori_img`)
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
