import assert from 'node:assert/strict'
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failsWithCode } from './harness.ts'
import { TrainerBench } from './trainer-bench.ts'
import type { TrainerCheck, TrainerSuiteOptions } from './trainer-suite.ts'

/** Exact resume and refusal of broken checkpoints: I16. */
export function registerCheckpoints(check: TrainerCheck, options: TrainerSuiteOptions): void {
  // The author's own settings: several passes over shuffled mini-batches, so that their state has to be kept as well.
  const variant = {}

  check(
    'I16 save, load, step is step',
    async (bench) => {
      await bench.step(1)
      const folder = await bench.emptyFolder()
      await bench.trainer.save(folder)
      const resumed = await TrainerBench.with(options, { variant }, async (other) => {
        await other.trainer.load(folder)
        assert.equal(other.trainer.policyVersion, 1)
        return { metrics: (await other.step(2)).metrics, policy: await other.signature() }
      })
      const { metrics } = await bench.step(2)
      assert.deepEqual(resumed.metrics, metrics)
      assert.deepEqual(resumed.policy, await bench.signature())
    },
    { variant },
  )

  check('saving twice writes the same bytes and changes nothing', async (bench) => {
    await bench.step(1)
    const [a, b] = [await bench.emptyFolder(), await bench.emptyFolder()]
    await bench.unchangedBy(async () => {
      await bench.trainer.save(a)
      await bench.trainer.save(b)
    })
    for (const file of await filesOf(a)) {
      assert.ok((await readFile(join(a, file))).equals(await readFile(join(b, file))), `${file} differs`)
    }
  })

  check('a broken checkpoint is refused as such, and the trainer stays as it was', async (bench) => {
    const good = await bench.emptyFolder()
    await bench.trainer.save(good)
    await bench.step(1)
    const refuses = async (what: string, damage: (folder: string) => Promise<void>): Promise<void> => {
      const folder = await bench.emptyFolder()
      await cp(good, folder, { recursive: true })
      await damage(folder)
      await failsWithCode(bench.trainer.load(folder), { code: 'DDA_CHECKPOINT_CORRUPT', what })
    }
    await bench.unchangedBy(async () => {
      for (const file of await filesOf(good)) {
        const { length } = await readFile(join(good, file))
        await refuses(`${file} cut short`, (folder) => truncate(join(folder, file), Math.floor(length / 2)))
        await refuses(`${file} gone`, (folder) => rm(join(folder, file)))
        await refuses(`${file} full of zeros`, (folder) => writeFile(join(folder, file), Buffer.alloc(length)))
      }
      const empty = await bench.emptyFolder()
      await failsWithCode(bench.trainer.load(empty), { code: 'DDA_CHECKPOINT_CORRUPT', what: 'an empty folder' })
    })
    await bench.trainer.load(good)
    assert.equal(bench.trainer.policyVersion, 0)
  })
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
