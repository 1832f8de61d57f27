import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

test.each(['grpo', 'rloo', 'reinforce++'])('with %s what the preset tunes for gae gives way', async (advantage) => {
  const set = `trainer.advantage=${advantage}`
  expect(await ddaHere(dir, 'config', 'check', '--set', set)).toMatchObject({ ok: true })
  // What the project says itself is meant to do something.
  const said = await ddaHere(dir, 'config', 'check', '--set', set, '--set', 'trainer.groupCentre=prefix')
  expect(said).toMatchObject({ ok: false, error: { code: 'DDA_CONFIG_INVALID' } })
  expect(said).toMatchObject({ error: { message: expect.not.stringContaining('valueCoefficient') as string } })
})
