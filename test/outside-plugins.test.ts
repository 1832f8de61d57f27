import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ddaJson, ensureBuilt, type Parsed, root, tinyProject } from './support/dda.ts'
import { readJournalFile } from './support/records.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const PACKAGES = ['dda-reward-xyz', 'dda-plugin-xyz']
let project: ReturnType<typeof tinyProject>

beforeAll(() => ensureBuilt())
beforeEach(() => {
  project = tinyProject()
  const { dir } = project
  for (const name of PACKAGES) {
    cpSync(join(root, 'test/fixtures/outside', name), join(dir, 'node_modules', name), { recursive: true })
  }
  const config = readFileSync(join(dir, 'dda.config.yaml'), 'utf8')
  const outside = config.replace('use: dual-atomic', 'use: xyz\n  word: blue')
  writeFileSync(join(dir, 'dda.config.yaml'), `${outside}plugins:\n  - use: xyz\n    manner: neatly\n`)
})
afterEach(() => project.remove())

test('the packages import the plugin API and nothing else of the framework', () => {
  for (const name of PACKAGES) {
    const source = readFileSync(join(root, 'test/fixtures/outside', name, 'index.js'), 'utf8')
    const imported = [...source.matchAll(/^import .* from '(.*)'$/gm)].map(([, from]) => from ?? '')
    expect(imported.filter((from) => !from.startsWith('node:'))).toEqual(['@dda-thinker/plugin-api'])
    expect(source).not.toContain("import('@dda-thinker/core")
  }
})

test('a reward and a hook from outside are found by their short names and take part in training', async () => {
  const { dir } = project
  const { data: loaded } = await ddaJson(dir, 'plugins')
  const places = Object.fromEntries(loaded.plugins.map(({ name, path }: Parsed) => [name, path]))
  expect(places['reward-xyz']).toBe(join(dir, 'node_modules/dda-reward-xyz/index.js'))
  expect(places['plugin-xyz']).toBe(join(dir, 'node_modules/dda-plugin-xyz/index.js'))
  expect(loaded.hooks).toMatchObject({ plan: ['plugin-xyz'], judge: ['plugin-xyz'], update: ['plugin-xyz'] })

  await ddaJson(dir, 'synthesize')
  const trained = await ddaJson(dir, 'train', '--name', 'run', '--steps', '20')
  expect(trained).toMatchObject({ ok: true, data: { state: 'finished', step: 20 } })

  // The hook: every plan that was recorded, edited and rewarded is the changed one.
  const { rollouts } = readJournalFile(dir)
  expect(rollouts).toHaveLength(20 * 6 * 2)
  for (const { plan } of rollouts) expect(plan?.executable).toMatch(/^paint \w+ neatly$/)
  const metrics = readFileSync(join(dir, 'runs/run/metrics.jsonl'), 'utf8').trimEnd().split('\n')
  expect(metrics.map((line) => JSON.parse(line).metrics['xyz/rollouts'])).toEqual(
    Array.from({ length: 20 }, (_, step) => (step + 1) * 12),
  )
  expect(JSON.parse(readFileSync(join(dir, 'runs/run/xyz.json'), 'utf8'))).toEqual({ scored: 240, gated: 0, masked: 0 })

  // The reward: it is what it says of each plan, and the policy has learned to earn it.
  for (const { plan, reward } of rollouts) {
    const total = plan?.executable.includes('blue') === true ? 1 : 0
    expect(reward).toEqual({ total, components: { xyz: total }, items: [], extras: { xyz: total } })
  }
  const mean = (step: number) => {
    const of = rollouts.filter((rollout) => rollout.step === step).map(({ reward }) => reward?.total ?? Number.NaN)
    return of.reduce((sum, total) => sum + total, 0) / of.length
  }
  expect(mean(1)).toBeLessThan(0.5)
  expect(mean(20)).toBeGreaterThan(0.8)

  const evaluated = await ddaJson(dir, 'eval', '--thinker', 'trained', '--name', 'after')
  expect(evaluated.data.thinkers.trained).toMatchObject({ scored: 9, reward: 1 })
  for (const { plan } of readJournalFile(dir, 'after').rollouts) expect(plan?.executable).toBe('paint blue neatly')
})

test('their options are checked like those of any plugin', async () => {
  const refused = await ddaJson(project.dir, 'train', '--set', 'reward.wrd=blue')
  expect(refused).toMatchObject({ exitCode: 2, error: { code: 'DDA_CONFIG_INVALID' } })
  expect(refused.error.message).toMatch(/reward\.wrd.*did you mean `word`/)
})

test('a plugin package without an installed plugin API gets that of the framework', async () => {
  rmSync(join(project.dir, 'node_modules/@dda-thinker'), { recursive: true })
  expect(existsSync(join(project.dir, 'node_modules/dda-reward-xyz'))).toBe(true)
  expect(await ddaJson(project.dir, 'config', 'check')).toMatchObject({ ok: true })
})
