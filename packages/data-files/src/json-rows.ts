import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { streamArray } from 'stream-json/streamers/stream-array.js'
import { streamObject } from 'stream-json/streamers/stream-object.js'
import { brokenFile } from './file-failure.ts'
import { isRecord, type BrokenRow, type Row } from './row.ts'

/**
 * The records of one JSON document: a list of objects, an object of objects by key, or an object that holds such a list
 * (`{"data": [...]}`). Read as it streams, so that a list may be larger than memory; one under a name must fit.
 *
 * @throws DdaError `DDA_DATASET_FILE` where the document breaks off: what stands behind cannot be told
 */
export async function* jsonRows(file: string): AsyncIterable<Row | BrokenRow> {
  const { first, start } = await firstCharacter(file)
  if (first !== '[' && first !== '{') throw brokenFile(file, 'it is neither a JSON list nor a JSON object')
  const input = createReadStream(file, { start, highWaterMark: 256 * 1024 })
  const parser = (first === '[' ? streamArray : streamObject).withParserAsStream()
  input.on('error', (error) => parser.destroy(error))
  let number = 0
  try {
    for await (const item of input.pipe(parser)) {
      const { key, value } = item as { readonly key: string | number; readonly value: unknown }
      for (const row of rowsOf(file, value, key)) {
        number += 1
        yield { ...row, number }
      }
    }
  } catch (error) {
    throw brokenFile(file, `it is not JSON: ${(error as Error).message}`, error)
  } finally {
    input.destroy()
  }
}

/** The first character that is neither white space nor a byte order mark, and where reading starts. */
async function firstCharacter(file: string): Promise<{ readonly first: string; readonly start: number }> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0)
    const text = buffer.toString('utf8', 0, bytesRead)
    const marked = text.startsWith('\uFEFF')
    return { first: text.slice(marked ? 1 : 0).trimStart()[0] ?? '', start: marked ? 3 : 0 }
  } finally {
    await handle.close()
  }
}

type Unplaced = Omit<Row, 'number'> | Omit<BrokenRow, 'number'>

function* rowsOf(file: string, value: unknown, key: string | number | undefined): Iterable<Unplaced> {
  if (isRecord(value)) yield { file, value, ...(typeof key === 'string' ? { key } : {}) }
  else if (Array.isArray(value) && typeof key === 'string') {
    for (const inner of value as readonly unknown[]) yield* rowsOf(file, inner, undefined)
  } else if (typeof key !== 'string') yield { file, problem: `it is ${typeof value}, not a JSON object` }
  // Beside the list of a document like {"version": 1, "data": [...]} stands what is no record.
}
