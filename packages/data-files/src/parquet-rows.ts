import { open } from 'node:fs/promises'
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { fileFailure } from './file-failure.ts'
import type { Row } from './row.ts'

/** Uncompressed bytes of a row group that are turned into rows at once; a larger one is read in several goes. */
const AT_ONCE = 128 * 1024 * 1024

/**
 * Rows of a Parquet file, a row group at a time: memory is bounded by the largest one. Bytes stay bytes (pictures), 64-bit
 * integers become numbers where these hold them and text where not, moments ISO 8601 text; columns that `datasets` wrote as
 * class labels become their names.
 *
 * @throws DdaError `DDA_DATASET_FILE`
 */
export async function* parquetRows(path: string): AsyncIterable<Row> {
  const handle = await open(path).catch((error: unknown) => {
    throw fileFailure(path, error)
  })
  try {
    const { size } = await handle.stat()
    const file: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        const buffer = Buffer.alloc(end - start)
        await handle.read(buffer, 0, buffer.length, start)
        return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length)
      },
    }
    const metadata = await parquetMetadataAsync(file)
    const labels = classLabels(metadata)
    let number = 0
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const count = Number(group.num_rows)
      const goes = Math.max(1, Math.ceil(Number(group.total_byte_size) / AT_ONCE))
      const step = Math.max(1, Math.ceil(count / goes))
      for (let from = 0; from < count; from += step) {
        const range = { rowStart: rowStart + from, rowEnd: rowStart + Math.min(count, from + step) }
        // Bytes without a logical type are pictures more often than text; `utf8: true` would break them silently.
        const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false, geoparquet: false, ...range })
        for (const value of rows) {
          number += 1
          yield { file: path, number, value: plainRow(value, labels) }
        }
      }
      rowStart += count
    }
  } catch (error) {
    throw fileFailure(path, error)
  } finally {
    await handle.close()
  }
}

function plainRow(
  row: Readonly<Record<string, unknown>>,
  labels: ReadonlyMap<string, readonly string[]>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const made = plain(value)
      return [name, typeof made === 'number' ? (labels.get(name)?.[made] ?? made) : made]
    }),
  )
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** Names of the class labels that `datasets` keeps in the file's metadata (`huggingface`). */
function classLabels({ key_value_metadata: facts = [] }: FileMetaData): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  const text = facts.find(({ key }) => key === 'huggingface')?.value
  if (text === undefined) return found
  try {
    const { info } = JSON.parse(text) as { info?: { features?: Record<string, Readonly<Record<string, unknown>>> } }
    for (const [name, feature] of Object.entries(info?.features ?? {})) {
      const { names, ['_type']: type } = feature
      if (type === 'ClassLabel' && Array.isArray(names)) found.set(name, names as readonly string[])
    }
  } catch {
    // Metadata of another kind: the numbers stay.
  }
  return found
}
