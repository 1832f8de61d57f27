import { createHash } from 'node:crypto'
import { basename, dirname, extname } from 'node:path'
import {
  DigestSet,
  type ImageRef,
  type Sample,
  type Split,
  type SynthesisContext,
  type SynthesisRequest,
  type Synthesizer,
} from '@dda-thinker/plugin-api'
import { isBroken, openRows, type BrokenRow, type Row } from '@dda-thinker/data-files'
import { checklistOf } from './checklist.ts'
import { describeMapping, mapColumns, readColumns, type Mapping } from './columns.ts'
import { BadRow, REASONS, textOf, type Draft } from './draft.ts'
import { FORMATS, formatOf } from './formats.ts'
import type { DatasetOptions } from './options.ts'
import { Pictures } from './pictures.ts'

export interface DatasetSettings extends DatasetOptions {
  /** Absolute. */
  readonly paths: readonly string[]
  /** Absolute. */
  readonly root: string | undefined
}

const PLUGIN = 'synthesizer-dataset'

const HELD_OUT = new Set([
  'test',
  'testing',
  'validation',
  'valid',
  'val',
  'dev',
  'eval',
  'held-out',
  'held_out',
  'heldout',
])

/**
 * Samples from rows that exist. A row that cannot be one is set aside with its place and a reason, and the rest goes on. Rows stream;
 * what is remembered of each are hashes of its id and its task.
 */
export class DatasetSynthesizer implements Synthesizer {
  readonly #settings: DatasetSettings

  constructor(settings: DatasetSettings) {
    this.#settings = settings
  }

  async *synthesize({ count }: SynthesisRequest, context: SynthesisContext): AsyncIterable<Sample> {
    const { paths, root, urls, allowedOrigins, maxImageBytes } = this.#settings
    const left: Record<Split, number> = { ...count }
    if (left.train <= 0 && left['held-out'] <= 0) return
    const pictures = new Pictures(context, { imageRoot: root, urls, allowedOrigins, maxImageBytes })
    const reader = new RowReader(this.#settings, pictures, context)
    try {
      for await (const row of openRows(paths)) {
        context.signal.throwIfAborted()
        const sample = await reader.read(row)
        if (sample === undefined || left[sample.split] <= 0) continue
        left[sample.split] -= 1
        yield sample
        if (left.train <= 0 && left['held-out'] <= 0) return
      }
    } finally {
      await pictures.close()
    }
  }
}

/** Row by row, with what the earlier ones decide for the later ones. */
class RowReader {
  readonly #settings: DatasetSettings
  readonly #pictures: Pictures
  readonly #context: SynthesisContext
  readonly #mappings = new Map<string, Mapping | string>()
  readonly #ids = new DigestSet()
  readonly #tasks = new DigestSet()

  constructor(settings: DatasetSettings, pictures: Pictures, context: SynthesisContext) {
    this.#settings = settings
    this.#pictures = pictures
    this.#context = context
  }

  /** The sample of a row; `undefined` where it was set aside. */
  async read(row: Row | BrokenRow): Promise<Sample | undefined> {
    try {
      if (isBroken(row)) throw new BadRow(REASONS.unreadable, row.problem)
      return await this.#sample(row, this.#draft(row))
    } catch (error) {
      if (!(error instanceof BadRow)) throw error
      const where = `${row.file}:${row.number}`
      const detail = error.message === '' ? {} : { detail: error.message.slice(0, 500) }
      if (this.#context.setAside === undefined) this.#context.log.warn(`${where}: ${error.reason}. ${error.message}`)
      else await this.#context.setAside({ where, reason: error.reason, ...detail })
      return undefined
    }
  }

  #draft({ file, group, value }: Row): Draft {
    // Of files with one record each, those with the same columns are read alike, and spoken of once.
    const like = group === undefined ? file : JSON.stringify([group, Object.keys(value).toSorted()])
    let mapping = this.#mappings.get(like)
    if (mapping === undefined) {
      const { format, columns } = this.#settings
      const named = Object.keys(columns).length > 0
      const kind = format === 'auto' ? (named ? undefined : formatOf(value)) : format === 'columns' ? undefined : format
      mapping = kind ?? mapColumns(columns, value, file)
      this.#mappings.set(like, mapping)
      this.#context.log.info(
        `${group ?? file}: ${typeof mapping === 'string' ? `rows of ${mapping}` : describeMapping(mapping)}`,
      )
    }
    if (typeof mapping !== 'string') return readColumns(mapping, value)
    const kind = FORMATS[mapping]
    if (kind === undefined) throw new TypeError(`no format ${mapping}`)
    return kind.read(value, basename(dirname(file)))
  }

  async #sample(row: Row, draft: Draft): Promise<Sample> {
    const instruction = textOf(draft.instruction)
    if (instruction === undefined) throw new BadRow(REASONS.noInstruction)
    const checklist = checklistOf(draft.checklist)
    const images = await this.#pictures.all(draft.images, row.file)
    if (images.length === 0) throw new BadRow(REASONS.noPicture)
    const [referenceImage] = await this.#pictures.all(draft.referenceImage, row.file)
    const task = JSON.stringify([instruction, ...images.map(({ hash }) => hash)])
    if (this.#tasks.has(task)) throw new BadRow(REASONS.repeated)
    const id = textOf(draft.id) ?? this.#ownId(row)
    if (this.#ids.has(id)) throw new BadRow(REASONS.idTaken, id)
    this.#tasks.add(task)
    this.#ids.add(id)
    const subtask = textOf(draft.subtask)
    const demonstration = textOf(draft.demonstration)
    return {
      id,
      images,
      instruction,
      category: textOf(draft.category) ?? this.#settings.category,
      ...(subtask === undefined ? {} : { subtask }),
      reference: textOf(draft.reference) ?? '',
      ...(referenceImage === undefined ? {} : { referenceImage }),
      checklist,
      split: this.#splitOf(textOf(draft.split) ?? row.split, images),
      ...(demonstration === undefined ? {} : { demonstration }),
      provenance: { plugin: PLUGIN, seed: 0, facts: { file: basename(row.file), row: row.number } },
    }
  }

  /** Of a row that has none: by its place. Files of one name that were opened one by one differ by their folders. */
  #ownId(row: Row): string {
    const id = `${row.name ?? stem(row.file)}/${row.key ?? String(row.number)}`
    return this.#ids.has(id) ? `${basename(dirname(row.file))}/${id}` : id
  }

  /** What the row says; else by its pictures, so that no picture is in both splits, whatever the seed. */
  #splitOf(said: string | undefined, images: readonly ImageRef[]): Split {
    if (said !== undefined) return HELD_OUT.has(said.toLowerCase()) ? 'held-out' : 'train'
    const digest = createHash('sha256').update(JSON.stringify(images.map(({ hash }) => hash)))
    const share = digest.digest().readUInt32BE(0) / 2 ** 32
    return share < this.#settings.heldOut ? 'held-out' : 'train'
  }
}

function stem(file: string): string {
  return basename(file, extname(file))
}
