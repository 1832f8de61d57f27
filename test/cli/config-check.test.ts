import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ddaHere } from '../support/in-process.ts'

const dir = mkdtempSync(join(tmpdir(), 'dda-config-check-'))
beforeAll(async () => void (await ddaHere(dir, 'init')))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const check = (settings: readonly string[]) =>
  ddaHere(dir, 'config', 'check', ...settings.flatMap((setting) => ['--set', setting]))

const VERL = ['trainer.use=verl', 'trainer.model=lab/model', 'train.maxStaleness=0']
const TRL = ['trainer.use=trl', 'trainer.model=lab/model', 'trainer.python=python3', 'train.maxStaleness=0']

test.each<readonly [what: string, settings: readonly string[], code: string, named: string]>([
  ['a group of one', ['trainer.advantage=grpo', 'train.groupSize=1'], 'DDA_CONFIG_INVALID', 'grpo'],
  ['centring in groups of one', ['train.groupSize=1'], 'DDA_CONFIG_INVALID', 'groupCentre'],
  ['a filter of groups of one', ['train.filter.minStd=0.1', 'train.groupSize=1'], 'DDA_CONFIG_INVALID', 'train.filter'],
  [
    'a stream that the reward does not have',
    ['trainer.advantage=grpo', 'trainer.streams.mode=normalized', 'trainer.streams.weights.beauty=2'],
    'DDA_REWARD_STREAMS',
    'beauty',
  ],
  [
    'groups too small to be divided',
    ['trainer.advantage=grpo', 'trainer.streams.mode=split', 'train.groupSize=3'],
    'DDA_CONFIG_INVALID',
    'groups of 3',
  ],
  ['staleness said to the trainer', ['trainer.maxStaleness=0'], 'DDA_CONFIG_INVALID', 'trainer.maxStaleness'],
  ['what verl would ignore', [...VERL, 'trainer.lambda=0.9'], 'DDA_CONFIG_INVALID', 'lambda'],
  ['what TRL would ignore', [...TRL, 'trainer.streams.weights.visual=2'], 'DDA_CONFIG_INVALID', 'streams.weights'],
])('tells %s before a training is begun', async (_, settings, code, named) => {
  const found = await check(settings)
  expect(found).toMatchObject({ ok: false, error: { code } })
  expect(JSON.stringify(found)).toContain(named)
})

test.each([
  ['of the preset', []],
  ['of groups', ['trainer.advantage=grpo']],
  ['without groups', ['trainer.groupCentre=off', 'train.groupSize=1']],
  ['of verl', VERL],
  ['of TRL', TRL],
])('finds a training %s sound without its data', async (_, settings) => {
  expect(await check(settings)).toMatchObject({ ok: true })
})
