import { join, resolve } from 'node:path'
import { removeLeftovers } from '@dda-thinker/plugin-api'
import type { ProjectConfig } from '@dda-thinker/config'
import { ContentStore, type Files, ResultCache } from '@dda-thinker/store'

/** Where a project keeps its things; all absolute. */
export interface ProjectPaths {
  readonly root: string
  readonly dataDir: string
  readonly runsDir: string
  /** One Sample a line, as synthesised. */
  readonly samples: string
  /** The kept Samples in curriculum order, with their difficulty. */
  readonly curated: string
  /** Every decision of curation: `{sampleId, kept, reason, difficulty?}`. */
  readonly decisions: string
  /** Rows that became no sample: `{where, reason, detail?}`. */
  readonly setAside: string
  /** The same of `dda checklist`: checklist items and samples without one. */
  readonly checklistAside: string
  /** What making the data cost, over all sessions. */
  readonly spending: string
  /** What made the data, and hashes of the files. */
  readonly manifest: string
  /** Pictures by content. */
  readonly store: string
  /** Edits and verdicts by content. */
  readonly cache: string
}

/** @param root folder of the project's config file */
export function projectPaths(config: ProjectConfig, root: string): ProjectPaths {
  const dataDir = resolve(root, config.data.dir)
  return {
    root: resolve(root),
    dataDir,
    runsDir: resolve(root, config.runs.dir),
    samples: join(dataDir, 'samples.jsonl'),
    curated: join(dataDir, 'curated.jsonl'),
    decisions: join(dataDir, 'decisions.jsonl'),
    setAside: join(dataDir, 'set-aside.jsonl'),
    checklistAside: join(dataDir, 'checklist-set-aside.jsonl'),
    spending: join(dataDir, 'spending.jsonl'),
    manifest: join(dataDir, 'data.json'),
    store: join(dataDir, 'store'),
    cache: join(dataDir, 'cache'),
  }
}

/** A project's stores, open. */
export interface Workspace {
  readonly paths: ProjectPaths
  readonly images: ContentStore
  readonly cache: ResultCache
  close(): Promise<void>
}

export interface WorkspaceOptions {
  /** Edits and verdicts come from the cache alone; a miss is `DDA_REPLAY_MISS`. Default false. */
  readonly replay?: boolean
  /** Bytes of pictures kept in memory. Default 64 MiB. */
  readonly memory?: number
  readonly files?: Files
  /** Other processes buy edits and verdicts for the same project at the same time, see `ResultCacheOptions.shared`. Default false. */
  readonly shared?: boolean
}

export async function openWorkspace(
  config: ProjectConfig,
  root: string,
  options: WorkspaceOptions = {},
): Promise<Workspace> {
  const paths = projectPaths(config, root)
  const files = options.files === undefined ? {} : { files: options.files }
  const images = new ContentStore(paths.store, {
    ...files,
    ...(options.memory === undefined ? {} : { memory: options.memory }),
  })
  await removeLeftovers(paths.dataDir)
  // Its keys are read when they are first asked for: import and export need none of them.
  const cache = new ResultCache(paths.cache, {
    ...files,
    replay: options.replay ?? false,
    shared: options.shared ?? false,
  })
  return { paths, images, cache, close: () => cache.close() }
}
