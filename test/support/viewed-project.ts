import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@dda-thinker/config'
import { projectPaths } from '@dda-thinker/runs'
import { ContentStore } from '@dda-thinker/store'
import { createViewer, type ViewerOptions } from '@dda-thinker/viewer'
import { buildViewer } from '../../scripts/build-viewer.mjs'
import { ddaHere } from './in-process.ts'
import { onceARun } from './once-a-run.ts'
import { copyOf, type Folder, ownTinyTabletop, TRAIN } from './tiny-tabletop.ts'

/** What a data set must never be able to do to a page. */
export const HOSTILE =
  '</script><script>window.pwned = 1</script><img src=x onerror="window.pwned = 1"><svg onload="window.pwned = 1"><a href="javascript:window.pwned = 1">'

let prepared: Promise<string> | undefined
let built: Promise<string> | undefined

/** A copy of a project with a training run, `run`, and an evaluation of three Thinkers, `evaluation`; made once for all files of a run. */
export async function viewedProject(): Promise<Folder> {
  prepared ??= onceARun('viewed-project', async () => {
    const { dir } = await ownTinyTabletop()
    for (const args of [TRAIN, ['eval', '--name', 'evaluation']]) {
      const { exitCode, error } = await ddaHere(dir, ...args)
      if (exitCode !== 0) throw new Error(`dda ${args.join(' ')}: ${JSON.stringify(error)}`)
    }
    return dir
  })
  return copyOf({ dir: await prepared })
}

/** Puts markup and scripts wherever a record or data set has words. */
export function makeHostile({ dir }: Folder): void {
  for (const file of ['data/samples.jsonl', 'runs/run/journal.jsonl', 'runs/evaluation/journal.jsonl']) {
    const path = join(dir, file)
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const changed = lines.map((line) =>
      JSON.stringify(JSON.parse(line), (key, value: unknown) =>
        ['instruction', 'executable', 'reasoning', 'reason', 'question', 'reference', 'category'].includes(key)
          ? `${HOSTILE}${String(value)}`
          : value,
      ),
    )
    writeFileSync(path, `${changed.join('\n')}\n`)
  }
}

/** The page of the viewer as it is in this checkout. */
export function builtPage(): Promise<string> {
  built ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dda-test-page-'))
    await buildViewer(folder)
    return folder
  })()
  return built
}

/** A viewer over a project, up. */
export async function startViewer({ dir }: Folder, options: Partial<ViewerOptions> = {}) {
  const { config, dir: root } = await loadConfig({ cwd: dir, check: [] })
  const paths = projectPaths(config, root)
  const viewer = await createViewer({
    name: config.name,
    paths,
    images: new ContentStore(paths.store),
    app: await builtPage(),
    ...options,
  })
  const { url } = await viewer.listen()
  viewer.ready()
  return { url, paths, end: () => viewer.drain(AbortSignal.abort()) }
}
