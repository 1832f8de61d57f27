import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { findPython } from './index.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const jiti = fileURLToPath(new URL('../../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('nothing outlives its owner: %s', async (signal) => {
  const { path } = await findPython()
  const args = ['--conditions=@dda-thinker/source', jiti, `${here}orphan.fixture.ts`, path, `${here}worker.fixture.py`]
  const owner = execa(process.execPath, args, { cwd: here, reject: false, buffer: false })
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const [worker = 0, child = 0] = JSON.parse(String(line)) as number[]
  expect([alive(worker), alive(child)]).toEqual([true, true])
  owner.kill(signal)
  await owner
  while (alive(worker) || alive(child)) await new Promise((resolve) => setTimeout(resolve, 50))
})
