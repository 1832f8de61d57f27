// trainer-verl's own ways to verl and Ray, against both as they were released. `npm run test:engines` installs them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { withDefaults } from '@dda-thinker/plugin-api'
import { submitRayJob, verlConfig, type VerlOptions, verlOptions } from '@dda-thinker/trainer-verl'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { root, temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import {
  engineEnv,
  enginePython,
  engineProgram,
  engines,
  freePort,
  rayToken,
  recordRow,
  runEngine,
  servingProject,
} from '../support/engines.ts'

let dir = ''
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Ray gives a node 30 s to come up, whatever it is told, and a busy machine may need more than one go. */
const HEADS = 5

/** A head of a cluster of its own on loopback, whose dashboard answers. */
async function rayHead(service: string) {
  // Ray puts sockets some 60 characters below it, and a socket's path has 107 at most: with more, the dashboard alone is missing.
  const folder = mkdtempSync('/tmp/ray-')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (let tries = 1; ; tries += 1) {
    const [port, dashboard] = [await freePort(), await freePort()]
    const address = `http://127.0.0.1:${dashboard}`
    const ports = [`--port=${port}`, '--dashboard-host=127.0.0.1', `--dashboard-port=${dashboard}`]
    const child = execa(
      engineProgram('ray'),
      ['start', '--head', '--num-cpus=2', '--block', ...ports, `--temp-dir=${folder}`],
      { env: engineEnv(service), reject: false, all: true, detached: true },
    )
    const gone = child.then(({ all }) => all)
    const end = async () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
      } catch {
        // It has ended, and all that it had started.
      }
      await gone
    }
    const up = async (): Promise<boolean> => {
      while (child.exitCode === null || child.exitCode === undefined) {
        const headers = { authorization: `Bearer ${rayToken}` }
        const isThere = await fetch(`${address}/api/version`, { headers }).then(
          ({ ok }) => ok,
          () => false,
        )
        if (isThere) return true
        await wait(500)
      }
      return false
    }
    if (await up()) return { address, end }
    const said = await gone
    await end()
    if (tries >= HEADS) throw new Error(said)
  }
}

test.skipIf(engines.verl === undefined)(
  "every setting of trainer-verl is one of verl's own configuration",
  async () => {
    const shared = { steps: 4, checkpointEvery: 2, keepCheckpoints: 2, samplesPerStep: 2, groupSize: 4, temperature: 1 }
    const job = { ...shared, order: 'shuffle', filter: false, maxStaleness: 0, streams: [], samples: 10, seed: 7 }
    const places = { data: ['data.prompt_key=prompt'], checkpoints: "/it's/here", resume: '/x/global_step_2' }
    const given = { model: 'm', pictures: false, advantage: 'gae', kl: { place: 'reward' } } as const
    const overrides = verlConfig(withDefaults<VerlOptions>(verlOptions, given), job, places)
    const file = join(dir, 'overrides.json')
    writeFileSync(file, JSON.stringify(overrides))
    const read = await runEngine('verl_config.py', { url: '' }, [file])
    expect(read).toMatchObject({
      'algorithm.adv_estimator': 'gae',
      'algorithm.use_kl_in_reward': true,
      'actor_rollout_ref.actor.ppo_mini_batch_size': 2,
      'actor_rollout_ref.actor.checkpoint.save_contents': ['model', 'optimizer', 'extra', 'hf_model'],
      'actor_rollout_ref.rollout.n': 4,
      'critic.cliprange_value': 0.5,
      'trainer.default_local_dir': "/it's/here",
      'trainer.resume_from_path': '/x/global_step_2',
      'trainer.total_training_steps': 4,
    })
    expect(Object.keys(read)).toHaveLength(overrides.length)
  },
  900_000,
)

test.skipIf(engines.ray === undefined || engines.trl === undefined)(
  'a job on a real Ray trains by our rewards, is followed to its end, and another is stopped',
  async () => {
    const serving = await servingProject()
    const head = await rayHead(serving.url)
    try {
      await ddaHere(serving.dir, 'export', 'trl', '--to', 'trl', '--text-only')
      await expect(
        submitRayJob({ address: head.address }, { command: ['true'], env: {}, label: 'no' }),
      ).rejects.toThrow(expect.objectContaining({ code: 'DDA_VERL_LAUNCH' }))
      const reached = { address: head.address, token: rayToken }
      const script = join(root, 'test/engines/trl_steps.py')
      const command = [enginePython, script, serving.dir, join(serving.dir, 'trl')]
      const job = await submitRayJob(reached, { command, env: engineEnv(serving.url), label: 'steps' })
      let state = await job.state()
      while (state === 'pending' || state === 'running') {
        await wait(1000)
        state = await job.state()
      }
      const log = await job.log()
      expect(state, log.slice(-3000)).toBe('succeeded')
      const said = JSON.parse(
        log
          .trimEnd()
          .split('\n')
          .findLast((line) => line.startsWith('{"steps"')) ?? '{}',
      )
      expect(said.steps).toBe(4)

      const sleeper = await submitRayJob(reached, { command: ['sleep', '600'], env: {}, label: 'sleeper' })
      await sleeper.stop()
      expect(await sleeper.state()).toBe('stopped')
      expect((await serving.end()).rollouts).toBeGreaterThan(0)
      recordRow(
        'Ray Jobs REST',
        engines.ray,
        `a job of TRL's GRPOTrainer submitted, followed and ended by trainer-verl's client on a local head: ${said.steps} steps by our rewards; a second one stopped`,
        '`trainer.ray.address`: the dashboard',
      )
    } finally {
      await head.end()
      rmSync(serving.dir, { recursive: true, force: true })
    }
  },
  1_800_000,
)
