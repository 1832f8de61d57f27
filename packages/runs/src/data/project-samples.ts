import { DigestSet, type Sample, type Split } from '@dda-thinker/plugin-api'
import { StoredLines } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { type DataManifest, readDataManifest } from './data-manifest.ts'
import { fileHash } from './line-files.ts'
import { readSamples, readSamplesWithEnds } from './samples-file.ts'
import type { ProjectPaths } from './workspace.ts'

export interface LoadedData {
  readonly samples: Sample[]
  readonly file: string
  readonly sha256: string
}

/**
 * Which file holds the project's samples: `curated.jsonl` where it is there, else `samples.jsonl`.
 *
 * @throws DdaError `DDA_DATA_MISSING`, `DDA_DATA_STALE` where curation saw other samples
 */
export async function findData(paths: ProjectPaths): Promise<{ readonly file: string; readonly sha256: string }> {
  const curated = await fileHash(paths.curated)
  const original = await fileHash(paths.samples)
  const manifest = await readDataManifest(paths)
  if (curated !== undefined && !(await isOfSamples(paths, curated, original, manifest))) {
    throw errors.make('DDA_DATA_STALE', { curated: paths.curated, samples: paths.samples }, { location: paths.curated })
  }
  const file = curated === undefined ? paths.samples : paths.curated
  const sha256 = curated ?? original
  if (sha256 === undefined) {
    throw errors.make('DDA_DATA_MISSING/samples', { path: paths.samples })
  }
  return { file, sha256 }
}

/** Is what was curated of the samples there are now? By the record where it speaks of these very files, else by what they hold. */
async function isOfSamples(
  paths: ProjectPaths,
  curated: string,
  original: string | undefined,
  manifest: DataManifest | undefined,
): Promise<boolean> {
  const samples = original ?? manifest?.samples.sha256
  if (manifest?.curated !== undefined && samples !== undefined && manifest.curated.from !== samples) return false
  if (original === undefined || manifest?.curated?.sha256 === curated) return true
  const known = new DigestSet()
  const task = ({ id, images, instruction }: Sample) =>
    JSON.stringify([id, instruction, images.map(({ hash }) => hash)])
  for await (const sample of readSamples(paths.samples)) known.add(task(sample))
  for await (const sample of readSamples(paths.curated)) if (!known.has(task(sample))) return false
  return true
}

/**
 * Reads the samples of {@link findData}.
 *
 * @throws DdaError `DDA_DATA_MISSING`, `DDA_DATA_STALE`, `DDA_DATA_CORRUPT` with file:line
 */
export async function loadData(
  paths: ProjectPaths,
  options: { readonly split?: Split; readonly limit?: number } = {},
): Promise<LoadedData> {
  const { file, sha256 } = await findData(paths)
  const samples: Sample[] = []
  for await (const sample of readSamples(file)) {
    if (options.split !== undefined && sample.split !== options.split) continue
    samples.push(sample)
    if (samples.length === options.limit) break
  }
  return { samples, file, sha256 }
}

/** {@link loadData}, the samples alone. */
export async function loadSamples(
  paths: ProjectPaths,
  options: { readonly split?: Split; readonly limit?: number } = {},
): Promise<Sample[]> {
  return (await loadData(paths, options)).samples
}

/**
 * {@link loadSamples} for those who go through them in order, or take one here and there: read from the file as they are asked for.
 *
 * @throws as {@link loadData}
 */
export async function listSamples(
  paths: ProjectPaths,
  options: { readonly split?: Split; readonly limit?: number } = {},
): Promise<StoredLines<Sample>> {
  const { file } = await findData(paths)
  const samples = new StoredLines<Sample>(file)
  let start = 0
  for await (const { value, end } of readSamplesWithEnds(file)) {
    if (options.split === undefined || value.split === options.split) samples.add(start, end)
    start = end
    if (samples.length === options.limit) break
  }
  return samples
}
