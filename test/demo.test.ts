import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const parent = mkdtempSync(join(tmpdir(), 'dda-demo-'))
afterAll(() => rmSync(parent, { recursive: true, force: true }))

/** Everything of the demo, small: one update on a handful of samples. */
const SMALL = ['synthesize.count={train: 8, held-out: 8}', 'train.samplesPerStep=4', 'train.groupSize=2']

test('the demo goes from nothing to a report by public commands', () => {
  const out = join(parent, 'demo')
  const args = [
    '--skip-install',
    '--out',
    out,
    '--seed',
    '3',
    '--steps',
    '1',
    ...SMALL.flatMap((set) => ['--set', set]),
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/demo.mjs'), ...args], {
    cwd: parent,
    encoding: 'utf8',
  })
  expect(stderr).not.toContain('✖')
  expect(status).toBe(0)
  const commands = [...stdout.matchAll(/^\$ npx dda (\w+)/gm)].map(([, name]) => name)
  expect(commands).toEqual(['init', 'synthesize', 'curate', 'train', 'eval', 'report'])
  expect(stdout).toContain(join(out, 'report.html'))
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))
  expect(summary.seed).toBe(3)
  expect(Object.keys(summary.heldOut)).toEqual(['none', 'base', 'trained'])
  for (const arm of Object.values<{ solved: number }>(summary.heldOut)) expect(typeof arm.solved).toBe('number')
  for (const seconds of Object.values(summary.seconds)) expect(seconds).toBeGreaterThan(0)
  expect(existsSync(join(out, 'report.html'))).toBe(true)
}, 600_000)

test('a second demo leaves the first as it is, own runs included', () => {
  const first = join(parent, 'again')
  mkdirSync(join(first, 'runs/mine'), { recursive: true })
  writeFileSync(join(first, '.dda-demo'), '')
  writeFileSync(join(first, 'runs/mine/notes.txt'), 'mine')
  // Ends at its second command, which refuses the setting.
  const args = ['--skip-install', '--out', first, '--set', 'no.such=key']
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts/demo.mjs'), ...args], {
    cwd: parent,
    encoding: 'utf8',
  })
  expect(status).toBe(2)
  expect(stdout).toContain('again is there and stays as it is')
  expect(readFileSync(join(first, 'runs/mine/notes.txt'), 'utf8')).toBe('mine')
  expect(existsSync(join(first, 'dda.config.yaml'))).toBe(false)
  expect(existsSync(join(`${first}-2`, 'dda.config.yaml'))).toBe(true)
}, 120_000)

test('a folder that the demo did not make is left alone', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts/demo.mjs'), '--skip-install', '--out', parent],
    {
      cwd: parent,
      encoding: 'utf8',
    },
  )
  expect(status).toBe(2)
  expect(stderr).toContain('was not made by this demo')
  expect(existsSync(parent)).toBe(true)
})
