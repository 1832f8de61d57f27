import { createReadStream } from 'node:fs'
import { parse, type CsvError } from 'csv-parse'
import { fileFailure } from './file-failure.ts'
import type { BrokenRow, Row } from './row.ts'

/** What the parser gives for each record with `info`. */
interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** Records of a file with a header line: RFC 4180, with a comma, or a tab where the file is called `.tsv`. */
export async function* csvRows(file: string): AsyncIterable<Row | BrokenRow> {
  const input = createReadStream(file, { highWaterMark: 256 * 1024 })
  const parser = parse({
    bom: true,
    delimiter: file.toLowerCase().endsWith('.tsv') ? '\t' : ',',
    info: true,
    // Files that were put together have both.
    record_delimiter: ['\r\n', '\n'],
    // The length is checked here, so that such a record keeps its place.
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })
  let skipped: { readonly line: number; readonly problem: string }[] = []
  parser.on('skip', (error: (CsvError & { readonly lines?: number }) | undefined) => {
    skipped.push({ line: error?.lines ?? 0, problem: error?.message ?? 'it cannot be read' })
  })
  input.on('error', (error) => parser.destroy(error))
  let number = 0
  let header: readonly string[] | undefined
  const skippedBefore = function* (line: number): Iterable<BrokenRow> {
    const due = skipped.filter((one) => one.line < line)
    skipped = skipped.filter((one) => one.line >= line)
    for (const { problem } of due) yield { file, number: ++number, problem }
  }
  try {
    for await (const parsed of input.pipe(parser)) {
      const { record, info } = parsed as Parsed
      yield* skippedBefore(info.lines)
      if (header === undefined) {
        header = record
        continue
      }
      number += 1
      yield rowOf(file, number, header, record)
    }
    yield* skippedBefore(Number.POSITIVE_INFINITY)
  } catch (error) {
    throw fileFailure(file, error)
  } finally {
    input.destroy()
  }
}

function rowOf(file: string, number: number, header: readonly string[], record: readonly string[]): Row | BrokenRow {
  if (record.length === header.length) {
    return { file, number, value: Object.fromEntries(header.map((name, i) => [name, record[i]])) }
  }
  return { file, number, problem: `it has ${record.length} fields, and the header ${header.length}` }
}
