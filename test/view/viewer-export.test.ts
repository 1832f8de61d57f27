import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@dda-thinker/config'
import { projectPaths } from '@dda-thinker/runs'
import { ContentStore } from '@dda-thinker/store'
import { exportView } from '@dda-thinker/viewer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Folder } from '../support/tiny-tabletop.ts'
import { builtPage, HOSTILE, makeHostile, viewedProject } from '../support/viewed-project.ts'

let project: Folder
let out: string

beforeAll(async () => {
  project = await viewedProject()
  makeHostile(project)
  out = mkdtempSync(join(tmpdir(), 'dda-test-export-'))
}, 300_000)

afterAll(() => {
  project?.remove()
  if (out !== undefined) rmSync(out, { recursive: true, force: true })
})

async function exported(name: string) {
  const { config, dir } = await loadConfig({ cwd: project.dir, check: [] })
  const paths = projectPaths(config, dir)
  const images = new ContentStore(paths.store)
  return exportView({ name: config.name, paths, images, target: join(out, name), app: await builtPage() })
}

test('a folder has the page, its data, and every picture in full', async () => {
  const { runs, rollouts, pictures, lost } = await exported('folder')
  expect({ runs, rollouts, lost }).toEqual({ runs: 3, rollouts: 48 + 24, lost: 0 })
  const folder = join(out, 'folder')
  expect(readdirSync(folder).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'app.css',
    'app.js',
    'data',
    'index.html',
    'pictures',
    'thumbnails',
  ])
  expect(readdirSync(join(folder, 'pictures')).length).toBe(pictures)
  const details = JSON.parse(readFileSync(join(folder, 'data/runs/run/rollouts/0.json'), 'utf8')) as unknown[]
  expect(details.length).toBe(48)
  const { comparisons } = JSON.parse(readFileSync(join(folder, 'data/head.json'), 'utf8')) as { comparisons: string[] }
  expect(comparisons.length).toBe(6)
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain("script-src 'self'")
})

test('one file holds it all, lets in nothing but its own code, and no word of the data is markup', async () => {
  await exported('view.html')
  const page = readFileSync(join(out, 'view.html'), 'utf8')
  expect(page).toMatch(/script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data: blob:/)
  expect(page).not.toContain(HOSTILE.slice(9, 40))
  // Blocks of data, then the code.
  const blocks = [...page.matchAll(/<script type="application\/octet-stream" data-path="[\w./-]+">[\w+/=]*<\/script>/g)]
  expect(page.match(/<script/g)?.length).toBeGreaterThan(blocks.length)
  expect(blocks.length).toBeGreaterThan(50)
})

test('what is there already stays as it was', async () => {
  writeFileSync(join(out, 'mine'), 'mine')
  await expect(exported('.')).rejects.toMatchObject({ code: 'DDA_VIEW_EXPORT' })
  expect(readFileSync(join(out, 'mine'), 'utf8')).toBe('mine')
  expect(existsSync(join(out, 'index.html'))).toBe(false)
})
