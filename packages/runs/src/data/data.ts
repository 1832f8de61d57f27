import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { DigestSet, type Sample, sampleProblem, type Scope, SCOPES, type Split } from '@dda-thinker/plugin-api'
import {
  errno,
  fileError,
  type Files,
  nodeFiles,
  jsonLine,
  type PlacedLine,
  readLines,
  readLinesWithEnds,
  StoredLines,
  syncFolder,
  temporaryName,
  writeFileAtomic,
} from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { DATA_MANIFEST } from '../shapes/data-shapes.ts'
import { shapeProblem } from '../shapes/shape.ts'
import type { ProjectPaths } from './workspace.ts'

const NEWLINE = 10

export interface FileFacts {
  readonly sha256: string
  readonly count: number
}

/** `data.json`: what made the data of a project. */
export interface DataManifest {
  readonly format: 1
  readonly seed: number
  readonly synthesizers: readonly string[]
  readonly samples: FileFacts
  /** The plugin that wrote checklists for samples that had none. */
  readonly annotator?: string
  readonly curators?: readonly string[]
  readonly curated?: FileFacts & {
    /** Hash of the samples that were curated. */
    readonly from: string
  }
}

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

/**
 * The samples of a file, one at a time, each checked: the one way in which samples are read.
 *
 * @throws DdaError `DDA_DATA_CORRUPT`, `DDA_DATA_DUPLICATE` with file:line
 */
export async function* readSamples(file: string): AsyncIterable<Sample> {
  for await (const { value } of readSamplesWithEnds(file)) yield value
}

/** {@link readSamples}, each with the offset behind its line. */
export async function* readSamplesWithEnds(file: string): AsyncIterable<PlacedLine<Sample>> {
  let line = 0
  const ids = new DigestSet()
  for await (const placed of readLinesWithEnds<Sample>(file, { whole: true })) {
    line += 1
    checkLine(file, line, placed.value)
    const { id } = placed.value
    // Digests seldom err: the file says whether it is there twice.
    const first = ids.add(id) ? line : await firstLineOf(file, id)
    if (first < line) throw duplicateSample(file, line, id, first)
    yield placed
  }
}

/** From 1. */
async function firstLineOf(file: string, id: string): Promise<number> {
  let line = 0
  for await (const sample of readLines<Sample>(file, { whole: true })) {
    line += 1
    if (sample.id === id) return line
  }
  return line
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

/** The scopes that some checklist uses. */
export function scopesOf(samples: Iterable<Sample>): Scope[] {
  const scopes = new Set<Scope>()
  for (const { checklist } of samples) {
    for (const item of checklist) scopes.add(item.scope)
    if (scopes.size === SCOPES.length) break
  }
  return [...scopes].toSorted()
}

/** {@link scopesOf} of a file, read only as far as it has to be. */
export async function scopesIn(file: string): Promise<Scope[]> {
  const scopes = new Set<Scope>()
  for await (const sample of readSamples(file)) {
    for (const scope of scopesOf([sample])) scopes.add(scope)
    if (scopes.size === SCOPES.length) break
  }
  return [...scopes].toSorted()
}

export async function readDataManifest(paths: ProjectPaths): Promise<DataManifest | undefined> {
  let value: unknown
  try {
    value = JSON.parse(await nodeFiles.readFile(paths.manifest, 'utf8'))
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    if (error instanceof SyntaxError) throw corruptManifest(paths, 'it is not JSON', error)
    throw fileError(error, 'read', paths.manifest)
  }
  const problem = shapeProblem(DATA_MANIFEST, value)
  if (problem !== undefined) throw corruptManifest(paths, problem)
  return value as DataManifest
}

function corruptManifest({ manifest }: ProjectPaths, problem: string, cause?: unknown) {
  return errors.make('DDA_DATA_CORRUPT/manifest', { manifest, problem }, { location: manifest, cause })
}

export async function writeDataManifest(paths: ProjectPaths, manifest: DataManifest): Promise<void> {
  await writeFileAtomic(paths.manifest, `${JSON.stringify(manifest, undefined, 2)}\n`)
}

/** SHA-256 of a file; `undefined` where there is none. */
export async function fileHash(path: string): Promise<string | undefined> {
  return (await fileFacts(path))?.sha256
}

/** SHA-256 and lines of a file; `undefined` where there is none. */
export async function fileFacts(path: string): Promise<FileFacts | undefined> {
  const hash = createHash('sha256')
  let count = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      const bytes = chunk as Buffer
      hash.update(bytes)
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    throw fileError(error, 'read', path)
  }
  return { sha256: hash.digest('hex'), count }
}

/** A file of JSON lines that takes the place of an older one only when it is complete. */
export async function createLinesFile(path: string, files: Files = nodeFiles) {
  const temporary = temporaryName(path)
  const hash = createHash('sha256')
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')))
  let count = 0
  let buffer: string[] = []
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw fileError(error, 'write', path)
    }
  }
  const handle = await guard(async () => {
    await files.mkdir(folder, { recursive: true })
    return files.open(temporary, 'w')
  })
  const flush = async () => {
    const text = buffer.join('')
    buffer = []
    hash.update(text)
    await handle.writeFile(text)
  }
  return {
    async write(value: unknown): Promise<void> {
      buffer.push(`${jsonLine(value)}\n`)
      count += 1
      if (buffer.length >= 64) await guard(flush)
    },
    async commit(): Promise<FileFacts> {
      return guard(async () => {
        await flush()
        await handle.sync()
        await handle.close()
        await files.rename(temporary, path)
        await syncFolder(folder, files)
        return { sha256: hash.digest('hex'), count }
      })
    },
    /** Leaves the older file as it was. */
    async discard(): Promise<void> {
      await handle.close().catch(() => undefined)
      await files.rm(temporary, { force: true }).catch(() => undefined)
    },
  }
}

function duplicateSample(file: string, line: number, id: string, first: number) {
  return errors.make(
    'DDA_DATA_DUPLICATE',
    { first, line, file, sample: id },
    { location: `${file}:${line}:1`, sampleId: id },
  )
}

function checkLine(file: string, line: number, sample: unknown): void {
  const problem = sampleProblem(sample)
  if (problem === undefined) return
  throw errors.make('DDA_DATA_CORRUPT/sample', { line, file, problem }, { location: `${file}:${line}:1` })
}
