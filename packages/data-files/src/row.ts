/** One record of a data file. */
export interface Row {
  /** The file, absolute. */
  readonly file: string
  /** Its place in the file, counted from 1: record, not line, and without a header. */
  readonly number: number
  /** Of a file in a folder that was opened: its path from there, without its ending, parts joined by `/`. */
  readonly name?: string
  /** Of a file that holds one record, as others do that go with it: what they are called together, `folder/*.txt`. */
  readonly group?: string
  /** Where the file is an object of records: its key. Of a picture with its text: its path in the folder, without its ending. */
  readonly key?: string
  /** The split that the folder's layout gives it, as it is called there: `train`, `validation`, `test`. */
  readonly split?: string
  readonly value: Readonly<Record<string, unknown>>
}

/** A record that cannot be read. */
export interface BrokenRow {
  readonly file: string
  readonly number: number
  readonly problem: string
}

export function isBroken(row: Row | BrokenRow): row is BrokenRow {
  return 'problem' in row
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
