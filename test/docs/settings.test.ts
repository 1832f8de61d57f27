import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ddaHere } from '../support/in-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'dda-settings-'))
beforeAll(async () => void (await ddaHere(dir, 'init')))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** What people are told to try on the project that `dda init` and the demo make. */
const PLACES = [
  'README.md',
  'docs/guide/getting-started.md',
  'templates/project/README.md',
  'packages/cli/src/commands/train.ts',
  'scripts/demo.mjs',
]

function settingsIn(place: string): string[] {
  const text = readFileSync(join(root, place), 'utf8')
  return [...text.matchAll(/dda train (?:--name \w+ )?--set ([\w.]+=[\w.]+)/g)].map(([, setting]) => setting ?? '')
}

test.each(PLACES)('every setting to try that %s names is taken', async (place) => {
  const settings = settingsIn(place)
  expect(settings).not.toEqual([])
  for (const setting of settings) {
    expect(await ddaHere(dir, 'config', 'check', '--set', setting), setting).toMatchObject({ ok: true })
  }
})

test('the block for another estimator is taken, and without what goes with it the estimator is not', async () => {
  const guide = readFileSync(join(root, 'docs/guide/getting-started.md'), 'utf8')
  const block = /```yaml\n(trainer:\n[^`]* advantage: grpo\n[^`]*)```/.exec(guide)?.[1] ?? 'no block'
  const config = join(dir, 'dda.config.yaml')
  const before = readFileSync(config, 'utf8')
  writeFileSync(config, `${before}\n${block}`)
  expect(await ddaHere(dir, 'config', 'check')).toMatchObject({ ok: true })
  writeFileSync(config, before)
  const alone = await ddaHere(dir, 'config', 'check', '--set', 'trainer.advantage=grpo')
  expect(alone).toMatchObject({ ok: false, error: { code: 'DDA_CONFIG_INVALID' } })
})
