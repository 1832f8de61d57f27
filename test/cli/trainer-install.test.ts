import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findPython, venvFolder } from '@dda-thinker/python-worker'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { python, withoutPython } from '../support/tiny-torch.ts'

// A process that imports PyTorch, and a virtual environment.
vi.setConfig({ testTimeout: 600_000 })

let dir = ''
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

test.skipIf(python === undefined)(`an environment that is there is reused, and described${withoutPython}`, async () => {
  vi.stubEnv('DDA_VENV', venvFolder())
  const { ok, data, stderr } = await ddaHere(dir, 'trainer', 'install', 'torch')
  expect(ok).toBe(true)
  expect(data).toMatchObject({ plugin: 'trainer-torch', path: expect.stringContaining('trainer-torch') })
  expect(data.installed[0]).toBe(`Environment: ${venvFolder()} (was there, reused)`)
  expect(data.installed[1]).toMatch(/^Python 3\.\d+\.\d+, PyTorch \d.*, transformers \d.*, peft \d/)
  expect(data.installed.join('\n')).toMatch(/^(cpu|cuda): /m)
  expect(stderr).not.toContain('Installing')
})

const noPython = await findPython().then(
  () => false,
  () => true,
)
test.skipIf(noPython)(
  `a new one says its size before it is fetched, and pip's refusal is told${noPython ? ' (no Python)' : ''}`,
  async () => {
    const venv = join(dir, 'venv')
    vi.stubEnv('DDA_VENV', venv)
    // No index, so that nothing is fetched.
    vi.stubEnv('PIP_NO_INDEX', '1')
    vi.stubEnv('PIP_FIND_LINKS', '')
    const { stderr, error, exitCode } = await ddaHere(dir, 'trainer', 'install', 'torch')
    expect(stderr).toMatch(/Making a virtual environment of Python 3\.\d+/)
    expect(stderr).toMatch(/PyTorch and what it needs, about 6 GB.*once/)
    expect(exitCode).toBe(3)
    expect(error).toMatchObject({ code: 'DDA_PYTHON_INSTALL', next: expect.stringMatching(/try again/) })
    expect(existsSync(join(venv, 'pyvenv.cfg'))).toBe(true)
  },
)

test('a folder of other things is never taken for one', async () => {
  mkdirSync(join(dir, 'thesis/chapter'), { recursive: true })
  vi.stubEnv('DDA_VENV', join(dir, 'thesis'))
  const { error } = await ddaHere(dir, 'trainer', 'install', 'torch')
  expect(error).toMatchObject({ code: 'DDA_PYTHON_VENV' })
})
