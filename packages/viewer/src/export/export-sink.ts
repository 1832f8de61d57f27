import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { freshTemporary } from '@dda-thinker/plugin-api'
import { errno, writeFileAtomic } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import type { AppFiles } from '../server/app-files.ts'
import { folderPage, singlePage } from './pages.ts'

/** Where the files of an export go. */
export interface ExportSink {
  /** Are pictures kept in full too? */
  readonly originals: boolean
  /** @param path relative, with slashes */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Puts the page to it; only then something is at the target. */
  finish(app: AppFiles): Promise<void>
  /** Leaves nothing. */
  discard(): Promise<void>
}

/** A folder that any web server serves. It is there as a whole or not at all. @throws DdaError `DDA_VIEW_EXPORT` */
export async function folderSink(target: string): Promise<ExportSink> {
  const there = await readdir(target).catch((error: unknown) => (errno(error) === 'ENOENT' ? [] : undefined))
  if (there === undefined || there.length > 0)
    throw errors.make('DDA_VIEW_EXPORT', { target, why: 'something is there already' })
  const folder = await freshTemporary(target)
  const made = new Set<string>()
  const write = (path: string, bytes: Uint8Array | string) =>
    guarded(target, async () => {
      const file = join(folder, ...path.split('/'))
      const parent = dirname(file)
      if (!made.has(parent)) await mkdir(parent, { recursive: true })
      made.add(parent)
      await writeFile(file, bytes)
    })
  return {
    originals: true,
    write,
    async finish(app) {
      await write('index.html', folderPage(app))
      await write('app.js', app.code)
      await write('app.css', app.style)
      await guarded(target, async () => {
        await rm(target, { recursive: true, force: true })
        await rename(folder, target)
      })
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Of a file that browsers still open. */
const MOST_MB = 256

/** One file with everything in it, pictures as thumbnails. @throws DdaError `DDA_VIEW_EXPORT` */
export function fileSink(target: string): ExportSink {
  const files = new Map<string, Uint8Array>()
  let size = 0
  return {
    originals: false,
    async write(path, bytes) {
      // In base64.
      size += (bytes.length * 4) / 3
      if (size > MOST_MB * 2 ** 20)
        throw errors.make('DDA_VIEW_EXPORT/large', { size: `more than ${MOST_MB}`, most: MOST_MB })
      files.set(path, bytes)
    },
    finish: (app) => guarded(target, () => writeFileAtomic(target, singlePage(app, files))),
    async discard() {
      files.clear()
    },
  }
}

async function guarded(target: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw errors.make('DDA_VIEW_EXPORT', { target, why: (cause as Error).message }, { cause, location: target })
  }
}
