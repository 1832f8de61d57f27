import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { type DdaError, readWhole, withoutMark } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { brokenFile } from './file-failure.ts'
import { fileRows, isDataFile } from './file-rows.ts'
import { isBroken, isRecord, type BrokenRow, type Row } from './row.ts'

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp'])
const METADATA = new Set(['metadata.csv', 'metadata.jsonl', 'metadata.parquet'])
/** Names of splits as `datasets` finds them in names of files and folders. */
const SPLITS: Readonly<Record<string, string>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
  eval: 'test',
  evaluation: 'test',
}

/**
 * Rows of a folder, whichever of these it is: pictures described by `metadata.csv`, `.jsonl` or `.parquet` (the `imagefolder` layout of
 * `datasets`); data files by split (`data/train-00000-of-00002.parquet`, `test.jsonl`); or pictures, each with its instruction beside
 * it in a `.txt`, or its record in a `.json`, of the same name.
 *
 * @throws DdaError `DDA_DATASET_FOLDER` where it is none of them
 */
export async function* folderRows(folder: string): AsyncIterable<Row | BrokenRow> {
  const files = await filesOf(folder)
  const metadata = files.filter((file) => METADATA.has(basename(file).toLowerCase()))
  const data = metadata.length > 0 ? metadata : files.filter((file) => isDataFile(file) && !isInfo(file))
  const pictures = new Set(files.filter((file) => PICTURES.has(extname(file).toLowerCase())))
  const sidecars = new Set(files.filter((file) => extname(file).toLowerCase() === '.txt' || extname(file) === '.json'))
  const pairs = [...pictures].filter((file) => sidecarsOf(file).some((one) => sidecars.has(one)))
  if (metadata.length === 0 && pairs.length > 0) {
    yield* pairRows(folder, pairs, sidecars)
    // Where there are records, they may name such pictures.
    if (pairs.every((picture) => !sidecars.has(sidecarsOf(picture)[0]))) yield* bareRows(folder, pictures, pairs)
  } else if (data.length > 0) yield* dataRows(folder, data)
  else throw unknownFolder(folder, files, pictures.size)
}

async function* dataRows(folder: string, files: readonly string[]): AsyncIterable<Row | BrokenRow> {
  for (const file of files) {
    const split = splitOf(relative(folder, file))
    const more = { name: nameOf(folder, file), ...(split === undefined ? {} : { split }) }
    for await (const row of fileRows(file)) yield isBroken(row) ? row : { ...row, ...more }
  }
}

async function* pairRows(
  folder: string,
  pictures: readonly string[],
  sidecars: ReadonlySet<string>,
): AsyncIterable<Row | BrokenRow> {
  for (const picture of pictures) {
    const sidecar = sidecarsOf(picture).find((file) => sidecars.has(file)) ?? ''
    const split = splitOf(relative(folder, dirname(picture)))
    const text = await readWhole(sidecar).then(String, (error: unknown) => {
      throw brokenFile(sidecar, (error as Error).message, error)
    })
    const place = {
      file: sidecar,
      number: 1,
      key: nameOf(folder, picture),
      group: join(folder, `*${extname(sidecar)}`),
      ...(split === undefined ? {} : { split }),
    }
    const image = basename(picture)
    if (!sidecar.endsWith('.json')) {
      yield { ...place, value: { image, instruction: text.trim() } }
      continue
    }
    const value = record(text)
    if (value === undefined) yield { file: sidecar, number: 1, problem: 'it is not a JSON object' }
    else yield { ...place, value: { image, ...value } }
  }
}

/** Pictures without an instruction: rows that say no more than that. */
function* bareRows(folder: string, pictures: ReadonlySet<string>, pairs: readonly string[]): Iterable<Row> {
  const done = new Set(pairs)
  const group = join(folder, '*.txt')
  for (const picture of pictures) {
    if (!done.has(picture))
      yield { file: picture, number: 1, group, value: { image: basename(picture), instruction: '' } }
  }
}

function nameOf(folder: string, file: string): string {
  return relative(folder, file).slice(0, -extname(file).length).split(sep).join('/')
}

function record(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(withoutMark(text))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The record is looked for before the mere instruction. */
function sidecarsOf(picture: string): readonly [record: string, instruction: string] {
  const stem = picture.slice(0, -extname(picture).length)
  return [`${stem}.json`, `${stem}.txt`]
}

/** `data/train-00000-of-00002.parquet` is of `train`: the first part of the path that is a split's name. */
function splitOf(path: string): string | undefined {
  for (const word of path.toLowerCase().split(/[^a-z]+/)) {
    const split = SPLITS[word]
    if (split !== undefined) return split
  }
  return undefined
}

/** Files of `datasets` that describe data sets and hold no rows. */
function isInfo(file: string): boolean {
  return ['dataset_info.json', 'dataset_infos.json', 'dataset_dict.json', 'state.json'].includes(basename(file))
}

/** All files, in natural order, without hidden ones. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw brokenFile(folder, (error as Error).message, error)
  })
  const visible = (entry: Dirent): boolean =>
    !relative(folder, join(entry.parentPath, entry.name))
      .split(sep)
      .some((part) => part.startsWith('.'))
  const order = new Intl.Collator('en', { numeric: true })
  return entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && visible(entry))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((a, b) => order.compare(a, b) || (a < b ? -1 : 1))
}

function unknownFolder(folder: string, files: readonly string[], pictures: number): DdaError {
  const key = files.some((file) => file.endsWith('.arrow'))
    ? 'DDA_DATASET_FOLDER/arrow'
    : pictures > 0
      ? 'DDA_DATASET_FOLDER/pictures'
      : 'DDA_DATASET_FOLDER/nothing'
  return errors.make(key, { folder }, { location: folder })
}
