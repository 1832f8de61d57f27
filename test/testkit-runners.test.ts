import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { ensureBuilt, root } from './support/dda.ts'

// The test kit asks for no particular runner: all tests of this repository prove it on vitest, this one on that of Node.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })
beforeAll(() => ensureBuilt('every'))

function underNode(env: Readonly<Record<string, string>> = {}) {
  const { NODE_TEST_CONTEXT: _nested, NODE_OPTIONS: _own, ...outer } = process.env
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', join(root, 'test/fixtures/runners/node-test.mjs')],
    { cwd: root, env: { ...outer, ...env }, encoding: 'utf8' },
  )
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
  return { status, passed: count('pass'), failed: count('fail'), said: stdout + stderr }
}

test('suites pass under node:test', () => {
  const { status, passed, failed, said } = underNode()
  expect(failed, said).toBe(0)
  expect(status).toBe(0)
  expect(passed).toBeGreaterThan(30)
})

test('and fail there, by name, where a role breaks a rule', () => {
  const { status, passed, failed, said } = underNode({ BROKEN: 'yes' })
  expect(status).toBe(1)
  expect(failed).toBeGreaterThan(0)
  expect(passed).toBeGreaterThan(10)
  expect(said).toMatch(/not ok \d+ - .*sum/)
})
