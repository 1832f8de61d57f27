import { rmSync } from 'node:fs'
import { venvFolder } from '@dda-thinker/python-worker'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { python, withoutPython } from '../support/tiny-torch.ts'

// A process that imports PyTorch.
vi.setConfig({ testTimeout: 600_000 })

let dir = ''
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

test.skipIf(python === undefined)(
  `the Editor for diffusers shares the environment that is there${withoutPython}`,
  async () => {
    vi.stubEnv('DDA_VENV', venvFolder())
    const { ok, data } = await ddaHere(dir, 'editor', 'install', 'diffusers')
    expect(ok).toBe(true)
    expect(data).toMatchObject({ plugin: 'editor-diffusers' })
    expect(data.installed[0]).toBe(`Environment: ${venvFolder()} (was there, reused)`)
    expect(data.installed[1]).toMatch(
      /^Python 3\.\d+\.\d+, PyTorch \d.*, diffusers \d.*, transformers \d.*, accelerate \d/,
    )
    expect(data.installed.join('\n')).toMatch(/^(cpu|cuda): /m)
  },
)

test('an Editor that needs nothing says so', async () => {
  const { ok, data } = await ddaHere(dir, 'editor', 'install', 'sketch')
  expect(ok).toBe(true)
  expect(data).toMatchObject({ plugin: 'editor-sketch', installed: [] })
})
