import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { root, temporaryFolder } from './support/dda.ts'

/* What bench/scale.ts does with 10^6 samples, with some thousand in a heap of which the code itself takes 24 MiB. Holding every sample
   aborts here, and so does holding what a page or a comparison makes of a rollout. The plans are long, so that holding the lines of the
   journal, or what stands in them, aborts as well. A heap that is hardly larger than the work of an evaluation would be collected all the
   time: there more rollouts share more room, 5 KiB each. */

/** Characters. */
const REASONING = 10_000

test.each([
  ['samples', 30_000, 36, ['train', 'edit']],
  ['evaluated rollouts', 5_000, 48, ['eval', 'show', 'report', 'compare']],
])('many %s need no more heap than few', async (_what, size, heap, phases) => {
  const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')
  const words = ['--sizes', String(size), '--phases', phases.join(), '--heap', String(heap)]
  words.push('--reasoning', String(REASONING))
  const { stdout, exitCode, stderr } = await execa(process.execPath, [jiti, join(root, 'bench/scale.ts'), ...words], {
    cwd: root,
    env: { TMPDIR: temporaryFolder() },
    reject: false,
  })
  expect(exitCode, stderr.slice(-2000)).toBe(0)
  const ended = stdout.split('\n').filter((line) => line.startsWith('{'))
  const states = ended.map((line) => JSON.parse(line) as { readonly phase: string; readonly state: string })
  expect(states.map(({ phase }) => phase)).toEqual(phases)
  const state = Object.fromEntries(states.map((one) => [one.phase, one.state]))
  expect(state).toMatchObject(
    phases.includes('train')
      ? { train: 'finished', edit: 'scored' }
      : {
          eval: 'finished',
          show: expect.stringContaining(`${size} of ${size}, 2 arms`) as string,
          report: expect.stringContaining(`${size / 2} samples`) as string,
          compare: expect.stringContaining(`${size / 2} pairs`) as string,
        },
  )
})
