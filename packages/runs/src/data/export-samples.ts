import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { type ImageRef, type Sample, type Split } from '@dda-thinker/plugin-api'
import { createParquetFile, type ParquetColumn, type ParquetPicture, type ParquetValue } from '@dda-thinker/data-files'
import { type ContentStore, fileError } from '@dda-thinker/store'
import { createLinesFile } from './line-files.ts'
import { readSamples } from './samples-file.ts'
import { errors } from '../errors.ts'

export interface ExportOptions {
  /** File of samples to read. */
  readonly from: string
  /** File to write; its ending says the format: `.jsonl` or `.parquet`. */
  readonly to: string
  readonly images: ContentStore
  /** Default: both. */
  readonly split?: Split
  /** Only these. Default: all. */
  readonly ids?: ReadonlySet<string>
  /** Asked before each sample; true ends without a file. */
  readonly stopped?: () => boolean
}

export interface ExportResult {
  /** Absolute. */
  readonly file: string
  readonly samples: number
}

/** Columns of an exported Parquet file, in order; those of JSON lines have the same names. */
export const EXPORT_COLUMNS = [
  { name: 'id', type: 'text' },
  { name: 'image', type: 'picture' },
  { name: 'more_images', type: 'pictures' },
  { name: 'instruction', type: 'text' },
  { name: 'category', type: 'text' },
  { name: 'subtask', type: 'text' },
  { name: 'reference', type: 'text' },
  { name: 'reference_image', type: 'picture' },
  { name: 'checklist', type: 'text' },
  { name: 'demonstration', type: 'text' },
  { name: 'split', type: 'text' },
  { name: 'difficulty_rollouts', type: 'number' },
  { name: 'difficulty_mean', type: 'number' },
  { name: 'difficulty_std', type: 'number' },
  { name: 'difficulty_solved', type: 'number' },
  { name: 'provenance', type: 'text' },
] as const satisfies readonly ParquetColumn[]

type Column = (typeof EXPORT_COLUMNS)[number]['name']

interface RowWriter {
  write(sample: Sample): Promise<void>
  commit(): Promise<unknown>
  discard(): Promise<void>
}

/**
 * Writes samples with their pictures to one file that other tools open, and `synthesizer-dataset` reads back. The file takes the
 * place of an older one only when it is complete; one sample is in memory at a time, of Parquet a row group.
 *
 * @throws DdaError `DDA_USAGE_EXPORT` for another ending, `DDA_EXPORT_NONE` where none of the ids is there, `DDA_INTERRUPTED`, `DDA_STORE_MISSING`, `DDA_DATASET_WRITE`
 */
export async function exportSamples(options: ExportOptions): Promise<ExportResult> {
  const file = resolve(options.to)
  const writer = await writerFor(file, options.images)
  let samples = 0
  try {
    for await (const sample of readSamples(options.from)) {
      if (options.stopped?.() === true) {
        throw errors.make('DDA_EXPORT_STOPPED')
      }
      if (options.split !== undefined && sample.split !== options.split) continue
      if (options.ids !== undefined && !options.ids.has(sample.id)) continue
      await writer.write(sample)
      samples += 1
    }
    const wanted = options.ids?.size ?? 0
    if (wanted > 0 && samples === 0) throw errors.make('DDA_EXPORT_NONE', { wanted, from: options.from })
    await writer.commit()
  } catch (error) {
    await writer.discard()
    throw error
  }
  return { file, samples }
}

async function writerFor(file: string, images: ContentStore): Promise<RowWriter> {
  const ending = extname(file).toLowerCase()
  if (ending === '.parquet') return parquetWriter(file, images)
  if (ending === '.jsonl') return linesWriter(file, images)
  throw errors.make('DDA_USAGE_EXPORT', { file })
}

/** Pictures go into a folder beside the file, `NAME-pictures`, under their hashes. */
async function linesWriter(file: string, images: ContentStore): Promise<RowWriter> {
  const folder = `${basename(file, extname(file))}-pictures`
  const lines = await createLinesFile(file)
  const put = async (image: ImageRef): Promise<string> => {
    const name = basename(images.path(image))
    const path = join(dirname(file), folder, name)
    try {
      await writeFile(path, await images.get(image))
    } catch (error) {
      throw fileError(error, 'write', path)
    }
    return `${folder}/${name}`
  }
  await mkdir(join(dirname(file), folder), { recursive: true }).catch(async (error: unknown) => {
    await lines.discard()
    throw fileError(error, 'write', join(dirname(file), folder))
  })
  return {
    async write(sample) {
      const { checklist, provenance } = sample
      const row = await rowOf(sample, put)
      // What Parquet holds as text is itself here.
      await lines.write({ ...row, checklist, provenance })
    },
    commit: () => lines.commit(),
    discard: () => lines.discard(),
  }
}

async function parquetWriter(path: string, images: ContentStore): Promise<RowWriter> {
  const file = await createParquetFile(path, EXPORT_COLUMNS)
  const put = async (image: ImageRef): Promise<ParquetPicture> => ({
    bytes: await images.get(image),
    path: basename(images.path(image)),
  })
  return {
    async write(sample) {
      const row: Readonly<Record<Column, ParquetValue>> = await rowOf(sample, put)
      await file.write(row)
    },
    commit: () => file.commit(),
    discard: () => file.discard(),
  }
}

/** @param put keeps a picture, and gives what the row holds of it */
async function rowOf<P>(sample: Sample, put: (image: ImageRef) => Promise<P>) {
  const [first, ...more] = sample.images
  const further: P[] = []
  for (const image of more) further.push(await put(image))
  const { referenceImage, difficulty } = sample
  return {
    id: sample.id,
    image: first === undefined ? undefined : await put(first),
    more_images: further,
    instruction: sample.instruction,
    category: sample.category,
    subtask: sample.subtask,
    reference: sample.reference,
    reference_image: referenceImage === undefined ? undefined : await put(referenceImage),
    checklist: JSON.stringify(sample.checklist),
    demonstration: sample.demonstration,
    split: sample.split,
    difficulty_rollouts: difficulty?.rollouts,
    difficulty_mean: difficulty?.mean,
    difficulty_std: difficulty?.std,
    difficulty_solved: difficulty?.solved,
    provenance: JSON.stringify(sample.provenance),
  }
}
