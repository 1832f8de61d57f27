import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { main } from './main.ts'

let dir: string
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'dda-main-')))
  for (const name of ['a', 'b']) writeFileSync(join(dir, `${name}.yaml`), `name: ${name}\n`)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function said(...args: readonly string[]) {
  let [stdout, stderr] = ['', '']
  const to = { isTTY: false, write: (text: string) => ((stderr += text), true) } as unknown as NodeJS.WriteStream
  const code = await main(args, { stdout: (text) => void (stdout += text), stderr: to })
  return { code, stdout, stderr }
}

test.each([
  ['-c', 'a.yaml'],
  ['--config', 'a.yaml'],
  ['--config=a.yaml'],
  ['--json', '-c', 'a.yaml'],
  ['--set', 'name=a', '-c', 'b.yaml'],
])('options that every command takes may stand before its name: %s %s', async (...before) => {
  const { code, stdout } = await said('--cwd', dir, ...before, 'config', 'print', '--json')
  expect(code).toBe(0)
  const { command, data } = JSON.parse(stdout)
  expect(command).toBe('config print')
  expect(JSON.stringify(data)).toContain('"value":"a"')
})

test('an option that is of no command stays a mistake', async () => {
  const { code, stderr } = await said('--nonsense', 'config', 'print')
  expect(code).toBe(2)
  expect(stderr).toContain("unknown option '--nonsense'")
})
