import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { freshTemporary } from '@dda-thinker/plugin-api'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { writeFailure } from './file-failure.ts'

/** Of the copy of hyparquet that the writer brings along. */
type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number]

/** A picture as `datasets` keeps one: its encoded bytes and a name. */
export interface ParquetPicture {
  readonly bytes: Uint8Array
  readonly path: string
}

/** A struct of texts and 32-bit integers, such as a message of a chat. */
export type ParquetRecord = Readonly<Record<string, string | number>>

export type ParquetValue =
  | string
  | number
  | ParquetPicture
  | readonly ParquetPicture[]
  | ParquetRecord
  | readonly ParquetRecord[]
  | undefined

interface PlainColumn {
  readonly name: string
  readonly type: 'text' | 'number' | 'picture' | 'pictures'
}

interface RecordColumn {
  readonly name: string
  readonly type: 'record' | 'records'
  /** In order; each is in every record. */
  readonly fields: Readonly<Record<string, 'text' | 'integer'>>
}

export type ParquetColumn = PlainColumn | RecordColumn

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
    const features = Object.fromEntries(columns.map((column) => [column.name, featureOf(column)]))
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
    const temporary = await freshTemporary(path)
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
const FEATURES: Readonly<Record<PlainColumn['type'], object>> = {
  text: { dtype: 'string', _type: 'Value' },
  number: { dtype: 'float64', _type: 'Value' },
  picture: PICTURE,
  pictures: { feature: PICTURE, _type: 'List' },
}
const FIELD_FEATURES = { text: FEATURES.text, integer: { dtype: 'int32', _type: 'Value' } } as const

function featureOf(column: ParquetColumn): object {
  if (column.type !== 'record' && column.type !== 'records') return FEATURES[column.type]
  const record = Object.fromEntries(Object.entries(column.fields).map(([name, type]) => [name, FIELD_FEATURES[type]]))
  return column.type === 'record' ? record : { feature: record, _type: 'List' }
}

function schemaOf(columns: readonly ParquetColumn[]): SchemaElement[] {
  return [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(elementsOf)]
}

function elementsOf(column: ParquetColumn): SchemaElement[] {
  const { name } = column
  if (column.type === 'record') return recordElements(name, column.fields)
  if (column.type === 'records') return listElements(name, recordElements('element', column.fields))
  if (column.type === 'text') return [text(name)]
  if (column.type === 'number') return [{ name, repetition_type: 'OPTIONAL', type: 'DOUBLE' }]
  return column.type === 'picture' ? pictureElements(name) : listElements(name, pictureElements('element'))
}

function listElements(name: string, element: readonly SchemaElement[]): SchemaElement[] {
  return [
    {
      name,
      repetition_type: 'OPTIONAL',
      num_children: 1,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ]
}

function recordElements(name: string, fields: RecordColumn['fields']): SchemaElement[] {
  const members = Object.entries(fields).map(([field, type]): SchemaElement =>
    type === 'text' ? text(field) : { name: field, repetition_type: 'OPTIONAL', type: 'INT32' },
  )
  return [{ name, repetition_type: 'OPTIONAL', num_children: members.length }, ...members]
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
  if (isList(value)) return value.reduce((sum, one) => sum + sizeOf(one), 0)
  if (isPicture(value)) return value.bytes.length
  return Object.values(value).reduce<number>((sum, one) => sum + sizeOf(one), 0)
}

function isList(value: object): value is readonly ParquetPicture[] | readonly ParquetRecord[] {
  return Array.isArray(value)
}

function isPicture(value: ParquetPicture | ParquetRecord): value is ParquetPicture {
  return value['bytes'] instanceof Uint8Array
}
