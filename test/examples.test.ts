import { spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { testPython, venvFolder } from '@dda-thinker/python-worker'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ended, ensureBuilt, installPluginApi, root, temporaryFolder } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

interface Example {
  readonly plugin: string
  /** Relative to the repository. */
  readonly path: string
  readonly text: string
}

const examples = readdirSync(join(root, 'plugins')).flatMap((plugin): Example[] => {
  const folder = join('plugins', plugin, 'examples')
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => {
    const path = join(folder, name)
    return { plugin, path, text: /\.\w+$/.test(name) ? readFileSync(join(root, path), 'utf8') : '' }
  })
})
/** What its head says how to run; other scripts are parts of these. */
const scripts = examples.filter(({ text, path }) => text.includes(`npx jiti ${path.replaceAll('\\', '/')}`))
const configs = examples.filter(({ path }) => /\.ya?ml$/.test(path))
const BASE = join(root, 'plugins/trainer-onnx/weights/base.safetensors')

const folders: string[] = []
const folder = () => {
  const made = temporaryFolder()
  folders.push(made)
  return made
}

beforeAll(() => ensureBuilt('world'))
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true })
})

test('every plugin has an example that runs, or is one of the configurations here', () => {
  const shown = new Set([...scripts, ...configs].map(({ plugin }) => plugin))
  const silent = readdirSync(join(root, 'plugins')).filter((plugin) => !shown.has(plugin) && usable(plugin))
  expect(silent).toEqual([])
})

/** A folder that is a package, with an index. */
function usable(plugin: string): boolean {
  return (
    existsSync(join(root, 'plugins', plugin, 'package.json')) &&
    existsSync(join(root, 'plugins', plugin, 'src/index.ts'))
  )
}

/** What a script needs and is not here. */
function missingFor(text: string): string | undefined {
  if (/weights: 'base'|BASE_WEIGHTS/.test(text) && !existsSync(BASE)) return 'no base weights here'
  if (text.includes('@dda-thinker/python-worker') && testPython() === undefined) return 'no Python environment'
  return undefined
}

describe('scripts, as their heads say', () => {
  for (const { path, text } of scripts) {
    const missing = missingFor(text)
    test.skipIf(missing !== undefined)(`${path}${missing === undefined ? '' : ` (${missing})`}`, async () => {
      const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')
      const child = spawn(process.execPath, [jiti, join(root, path)], {
        cwd: folder(),
        // Scripts that run Python share this environment.
        env: { ...process.env, DDA_VENV: venvFolder() },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const ran = await ended(child)
      expect(ran.code, ran.stderr).toBe(0)
      expect(ran.stdout).not.toBe('')
    })
  }
})

describe('configurations', () => {
  for (const { path, text } of configs) {
    const trains = /^trainer:/m.test(text)
    // Their policies are models of the hub, which other software opens; test/engines runs tiny ones.
    const elsewhere = /^\s+use: (?:trl|verl)$/m.test(text)
    const missing = trains && !elsewhere && !/weights: random/.test(text) && !existsSync(BASE)
    test(`${path}: sound, and its data can be made`, async () => {
      const { dir, few } = project(path)
      expect(await ddaHere(dir, 'config', 'check', ...few)).toMatchObject({ ok: true })
      if (!/^synthesizer:/m.test(text)) return
      expect(await ddaHere(dir, 'synthesize', ...few)).toMatchObject({ ok: true, data: { samples: 8 } })
    })
    const thinker = trains ? 'base' : 'thinker'
    const runs = /^synthesizer:/m.test(text) && (trains || /^thinker:/m.test(text))
    const why = elsewhere ? ' (the policy is a model of the hub)' : missing ? ' (no base weights here)' : ''
    test.skipIf(why !== '' || !runs)(`${path}: curated and evaluated${why}`, async () => {
      const { dir, few } = project(path)
      await ddaHere(dir, 'synthesize', ...few)
      if (/^curator:/m.test(text)) {
        const curated = await ddaHere(dir, 'curate', ...few)
        expect(curated).toMatchObject({ ok: true })
        expect(curated.data.kept + curated.data.dropped).toBe(8)
      }
      const evaluated = await ddaHere(dir, 'eval', '--thinker', thinker, '--split', 'held-out', ...few)
      expect(evaluated).toMatchObject({ ok: true, data: { thinkers: { [thinker]: { masked: 0 } } } })
    })
  }
})

/** The example's whole folder in a project of its own, and the overrides that make it small. */
function project(path: string): { readonly dir: string; readonly few: readonly string[] } {
  const dir = folder()
  cpSync(join(root, path, '..'), dir, { recursive: true })
  installPluginApi(dir)
  const file = path.split(/[/\\]/).at(-1) ?? ''
  const set = ['synthesize.count.train=4', 'synthesize.count.held-out=4', 'curator[0].rollouts=2']
  const wanted = /^curator:/m.test(readFileSync(join(root, path), 'utf8')) ? set : set.slice(0, 2)
  return { dir, few: ['--config', file, ...wanted.flatMap((value) => ['--set', value])] }
}
