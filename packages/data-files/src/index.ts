// Rows out of the files that data sets come in, and Parquet with pictures out.
export { openRows } from './open-rows.ts'
export { isBroken, isRecord, type BrokenRow, type Row } from './row.ts'
export { textLines } from './text-lines.ts'
export { createParquetFile } from './create-parquet-file.ts'
export type { ParquetColumn, ParquetPicture, ParquetRecord, ParquetValue } from './parquet-file.ts'
