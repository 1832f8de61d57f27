import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { writeFailure } from './file-failure.ts'

/** Of the copy of hyparquet that the writer brings along. */
type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number]

/** A picture as `datasets` keeps one: its encoded bytes and a name. */
export interface ParquetPicture {
  readonly bytes: Uint8Array
  readonly path: string
}

export type ParquetValue = string | number | ParquetPicture | readonly ParquetPicture[] | undefined

export interface ParquetColumn {
  readonly name: string
  readonly type: 'text' | 'number' | 'picture' | 'pictures'
}

/** A row group ends with whichever comes first: memory while writing, and of whoever reads, is bounded by it. */
const GROUP_ROWS = 256
const GROUP_BYTES = 32 * 1024 * 1024

/**
 * A Parquet file that takes the place of an older one only when it is complete. Picture columns are structs of `bytes` and `path`, and
 * the file says so in the words of `datasets` (metadata `huggingface`): loaded there they are Image columns, in DuckDB structs.
 */
export class ParquetFile {
  readonly #path: string
  readonly #temporary: string
  readonly #handle: FileHandle
  readonly #columns: readonly ParquetColumn[]
  readonly #bytesOut: HandleWriter
  readonly #writer: ParquetWriter
  #rows: Readonly<Record<string, ParquetValue>>[] = []
  #bytes = 0
  #count = 0

  private constructor(path: string, temporary: string, handle: FileHandle, columns: readonly ParquetColumn[]) {
    this.#path = path
    this.#temporary = temporary
    this.#handle = handle
    this.#columns = columns
    const features = Object.fromEntries(columns.map(({ name, type }) => [name, FEATURES[type]]))
    this.#bytesOut = new HandleWriter(handle)
    this.#writer = new ParquetWriter({
      writer: this.#bytesOut,
      schema: schemaOf(columns),
      // Pictures are compressed already, and the text beside them is small.
      codec: 'UNCOMPRESSED',
      createdBy: 'dda-thinker',
      statistics: false,
      kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
    })
  }

  /** @throws DdaError `DDA_DATASET_WRITE` */
  static async create(path: string, columns: readonly ParquetColumn[]): Promise<ParquetFile> {
    const temporary = `${path}.${process.pid}.tmp`
    const handle = await open(temporary, 'w').catch((error: unknown) => {
      throw writeFailure(path, error)
    })
    return new ParquetFile(path, temporary, handle, columns)
  }

  async write(row: Readonly<Record<string, ParquetValue>>): Promise<void> {
    this.#rows.push(row)
    this.#count += 1
    for (const value of Object.values(row)) this.#bytes += sizeOf(value)
    if (this.#rows.length >= GROUP_ROWS || this.#bytes >= GROUP_BYTES) await this.#flush()
  }

  /** Rows written. */
  async commit(): Promise<number> {
    // An empty file still has its schema.
    await this.#flush()
    try {
      await this.#writer.finish()
      // Its footer.
      await this.#bytesOut.flush()
      await this.#handle.sync()
      await this.#handle.close()
      await rename(this.#temporary, this.#path)
    } catch (error) {
      throw writeFailure(this.#path, error)
    }
    return this.#count
  }

  /** Leaves the older file as it was. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await rm(this.#temporary, { force: true })
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return
    const rows = this.#rows
    this.#rows = []
    this.#bytes = 0
    // A dictionary of pictures would hold each of them once more.
    const columnData = this.#columns.map(({ name }) => ({
      name,
      data: rows.map((row) => row[name] ?? null),
      encoding: 'PLAIN' as const,
      offsetIndex: false,
    }))
    try {
      await this.#writer.write({ columnData, rowGroupSize: rows.length })
    } catch (error) {
      throw writeFailure(this.#path, error)
    }
  }
}

/** What is encoded goes to the file at the end of each row group. */
class HandleWriter extends ByteWriter {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    super()
    this.#handle = handle
  }

  async flush(): Promise<void> {
    await this.#handle.writeFile(this.getBytes())
    this.index = 0
  }
}

const PICTURE = { _type: 'Image' }
const FEATURES: Readonly<Record<ParquetColumn['type'], object>> = {
  text: { dtype: 'string', _type: 'Value' },
  number: { dtype: 'float64', _type: 'Value' },
  picture: PICTURE,
  pictures: { feature: PICTURE, _type: 'List' },
}

function schemaOf(columns: readonly ParquetColumn[]): SchemaElement[] {
  return [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(elementsOf)]
}

function elementsOf({ name, type }: ParquetColumn): SchemaElement[] {
  const element = { name, repetition_type: 'OPTIONAL' } as const
  if (type === 'text') return [text(name)]
  if (type === 'number') return [{ ...element, type: 'DOUBLE' }]
  if (type === 'picture') return pictureElements(name)
  return [
    { ...element, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...pictureElements('element'),
  ]
}

function pictureElements(name: string): SchemaElement[] {
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 2 },
    { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
    text('path'),
  ]
}

function text(name: string): SchemaElement {
  return {
    name,
    type: 'BYTE_ARRAY',
    repetition_type: 'OPTIONAL',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
  }
}

function sizeOf(value: ParquetValue): number {
  if (value === undefined || typeof value === 'number') return 8
  if (typeof value === 'string') return value.length
  if ('bytes' in value) return value.bytes.length
  return value.reduce((sum, { bytes }) => sum + bytes.length, 0)
}
