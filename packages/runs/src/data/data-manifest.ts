import { readWholeJson } from '@dda-thinker/plugin-api'
import { errno, fileError, writeFileAtomic } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { DATA_MANIFEST } from '../shapes/data-shapes.ts'
import { shapeProblem } from '../shapes/shape.ts'
import type { FileFacts } from './line-files.ts'
import type { ProjectPaths } from './workspace.ts'

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

export async function readDataManifest(paths: ProjectPaths): Promise<DataManifest | undefined> {
  let value: unknown
  try {
    value = await readWholeJson(paths.manifest)
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    if (error instanceof SyntaxError) throw corruptManifest(paths, 'it is not JSON', error)
    if (error instanceof RangeError) throw corruptManifest(paths, error.message, error)
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
