import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sample } from '@dda-thinker/plugin-api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from '../packages/cli/src/index.ts'
import { tinyProject } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let project: ReturnType<typeof tinyProject>
beforeEach(async () => {
  project = tinyProject()
  expect(await ddaHere(project.dir, 'synthesize')).toMatchObject({ ok: true })
})
afterEach(() => project.remove())

function rewrite(change: (sample: Sample) => unknown): void {
  const file = join(project.dir, 'data/samples.jsonl')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  writeFileSync(file, lines.map((line) => `${JSON.stringify(change(JSON.parse(line) as Sample))}\n`).join(''))
}

/** What a person at a terminal would get. */
async function said(...args: readonly string[]): Promise<{ readonly text: string; readonly code: number }> {
  let text = ''
  const stderr = { isTTY: true, columns: 100, write: (more: string) => Boolean((text += more)) }
  const streams = { stdout: (more: string) => void (text += more), stderr: stderr as unknown as NodeJS.WriteStream }
  const code = await main([...args, '--cwd', project.dir], streams)
  return { text, code }
}

test('a category that poses as markup is refused with its line by every command that reads samples', async () => {
  rewrite((sample) => ({ ...sample, category: { markup: '<b>from outside</b>' } }))
  for (const command of [['curate'], ['train'], ['eval', '--thinker', 'base'], ['data', 'show']]) {
    expect(await ddaHere(project.dir, ...command), command[0]).toMatchObject({
      ok: false,
      error: { code: 'DDA_DATA_CORRUPT', location: expect.stringMatching(/samples\.jsonl:1:1$/) },
    })
  }
})

test('markup and terminal controls in data are text on the page and at the terminal', async () => {
  const nasty = '<b>x</b>\u001B[2J\u001B]0;t\u0007\r\u009B1A'
  rewrite((sample) => ({
    ...sample,
    category: `${sample.category}${nasty}`,
    subtask: nasty,
    checklist: sample.checklist.map((item) => ({ ...item, id: `${item.id}${nasty}` })),
  }))
  vi.stubEnv('TERM', 'xterm')
  vi.stubEnv('CI', '')
  vi.stubEnv('NO_COLOR', '')
  const commands = [
    ['eval', '--thinker', 'none', '--thinker', 'base', '--name', 'figures'],
    ['compare', 'figures/none', 'figures/base'],
    ['report', 'figures'],
    ['runs', 'show', 'figures'],
    ['data', 'show'],
    ['eval', '--name', nasty],
    ['runs', 'show', `no${nasty}`],
    ['train', '--set', `name=${nasty}`],
    [nasty],
  ]
  for (const command of commands) {
    const { text } = await said(...command)
    // eslint-disable-next-line no-control-regex
    const own = text.replaceAll(/\u001B\[(?:\d+A|0J|\d{1,2}m)/g, '')
    // eslint-disable-next-line no-control-regex
    expect(own, JSON.stringify(command)).not.toMatch(/[\0-\u0008\u000B-\u001F\u007F-\u009F]/)
    expect(text.includes('\u001B[2J')).toBe(false)
  }
  vi.unstubAllEnvs()
  expect(readFileSync(join(project.dir, 'report/report.html'), 'utf8')).not.toContain('<b>x</b>')
})

test('a run is one folder in that of the runs, whatever it is called', async () => {
  const before = readdirSync(join(project.dir, '..'))
  for (const name of [
    '../x',
    '../../x',
    '/tmp/x',
    'a/b',
    String.raw`a\b`,
    '..',
    '.',
    '',
    '.hidden',
    'x'.repeat(300),
    'a\nb',
  ]) {
    for (const command of [
      ['train', '--name', name],
      ['eval', '--thinker', 'base', '--name', name],
      ['runs', 'show', name],
      ['report', name],
      ['train', '--init', name],
    ]) {
      const ran = await ddaHere(project.dir, ...command)
      expect(ran, JSON.stringify(command)).toMatchObject({
        ok: false,
        exitCode: 2,
        error: { code: 'DDA_RUN_NAME', next: expect.stringMatching(/\w/) },
      })
    }
  }
  expect(existsSync(join(project.dir, 'x'))).toBe(false)
  expect(readdirSync(join(project.dir, '..')).filter((name) => name === 'x')).toEqual(
    before.filter((name) => name === 'x'),
  )
  for (const name of ['a run', 'Lauf_ä-1.2', '日本']) {
    expect(await ddaHere(project.dir, 'train', '--steps', '1', '--name', name)).toMatchObject({
      ok: true,
      data: { run: name },
    })
  }
})
