import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from './main.ts'

let parent: string
let out = ''
let err = ''
beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'dda-create-')))
  out = err = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(parent, { recursive: true, force: true })
})

test('every prompt has a flag', async () => {
  const dir = join(parent, 'a')
  expect(
    await main([dir, '--template', 'plugin-reward', '--name', 'Short', '--from', 'http://npm.lab/', '--no-install']),
  ).toBe(0)
  expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))).toMatchObject({ name: 'short' })
  expect(readFileSync(join(dir, '.npmrc'), 'utf8')).toContain('registry=http://npm.lab/')
  expect(out).toContain('npm install\n')
})

test('without a terminal it asks nothing: defaults stand for what is not given', async () => {
  const dir = join(parent, 'a')
  expect(await main([dir])).toBe(0)
  expect(readdirSync(dir)).toContain('dda.config.yaml')
})

test.each([
  [['--template', 'x'], 'plugin-judge'],
  [['--tempalte', 'project'], '--help'],
  [['--from', '/nowhere/at/all'], 'npm run pack'],
])('%j is refused with what to do, and nothing is written', async (args, next) => {
  const dir = join(parent, 'a')
  expect(await main([dir, ...args])).toBe(2)
  expect(err).toContain(next)
  expect(readdirSync(parent)).toEqual([])
})

test('a folder that is not empty is left alone unless forced', async () => {
  writeFileSync(join(parent, 'notes.txt'), 'mine')
  expect(await main([parent])).toBe(2)
  expect(readdirSync(parent)).toEqual(['notes.txt'])
  expect(await main([parent, '--force'])).toBe(0)
})

test('--help names every template and flag', async () => {
  expect(await main(['--help'])).toBe(0)
  for (const word of ['plugin-hook', '--template', '--name', '--from', '--install', '--yes', '--force']) {
    expect(out).toContain(word)
  }
})
