import type { ParquetColumn, ParquetFile } from './parquet-file.ts'

/** {@link ParquetFile.create}; the library behind it is loaded only when a file is written. @throws DdaError `DDA_DATASET_WRITE` */
export async function createParquetFile(path: string, columns: readonly ParquetColumn[]): Promise<ParquetFile> {
  const { ParquetFile: File } = await import('./parquet-file.ts')
  return File.create(path, columns)
}
