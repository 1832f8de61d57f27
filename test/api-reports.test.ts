import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

test('the reports of the public API are what the code says', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/api-reports.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

test('every exported member of the contract is documented', () => {
  const report = readFileSync(`${root}packages/plugin-api/etc/plugin-api.api.md`, 'utf8')
  const silent = [...report.matchAll(/\(undocumented\)\n(.*)/g)].map(([, line = '']) => line.trim())
  // Types that are not exported stand in the report because exported ones are made of them.
  expect(silent.filter((line) => !/^(type|interface) /.test(line))).toEqual([])
})
