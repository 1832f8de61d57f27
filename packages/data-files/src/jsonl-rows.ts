import { isRecord, type BrokenRow, type Row } from './row.ts'
import { textLines } from './text-lines.ts'

/** A JSON object a line; empty lines are skipped, lines that are none are broken rows. */
export async function* jsonlRows(file: string): AsyncIterable<Row | BrokenRow> {
  let number = 0
  for await (const line of textLines(file)) {
    if (line.trim() === '') continue
    number += 1
    yield parse(file, number, line)
  }
}

function parse(file: string, number: number, line: string): Row | BrokenRow {
  try {
    const value: unknown = JSON.parse(line)
    if (isRecord(value)) return { file, number, value }
    return { file, number, problem: `it is ${Array.isArray(value) ? 'a list' : typeof value}, not a JSON object` }
  } catch (error) {
    return { file, number, problem: `it is not JSON: ${(error as Error).message}` }
  }
}
