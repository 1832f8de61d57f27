// trainer-verl's own ways to verl and Ray, against both as they were released. `npm run test:engines` installs them.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { withDefaults } from '@dda-thinker/plugin-api'
import { submitRayJob, verlConfig, type VerlOptions, verlOptions } from '@dda-thinker/trainer-verl'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root, temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import {
  engineEnv,
  enginePython,
  engineProgram,
  engines,
  freePort,
  recordRow,
  runEngine,
  servingProject,
} from '../support/engines.ts'

let dir = ''
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

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
    const ray = engineProgram('ray')
    const [port, dashboard] = [await freePort(), await freePort()]
    const address = `http://127.0.0.1:${dashboard}`
    const started = ['start', '--head', '--num-cpus=2', '--block', `--port=${port}`, '--dashboard-host=127.0.0.1']
    const head = execa(ray, [...started, `--dashboard-port=${dashboard}`, `--temp-dir=${dir}`], {
      env: engineEnv(serving.url),
      reject: false,
      all: true,
      detached: true,
    })
    try {
      await ddaHere(serving.dir, 'export', 'trl', '--to', 'trl', '--text-only')
      for (;;) {
        if (
          await fetch(`${address}/api/version`).then(
            ({ ok }) => ok,
            () => false,
          )
        )
          break
        if (head.exitCode !== null && head.exitCode !== undefined) throw new Error((await head).all)
        await wait(500)
      }
      const script = join(root, 'test/engines/trl_steps.py')
      const command = [enginePython, script, serving.dir, join(serving.dir, 'trl')]
      const job = await submitRayJob({ address }, { command, env: engineEnv(serving.url), label: 'steps' })
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

      const sleeper = await submitRayJob({ address }, { command: ['sleep', '600'], env: {}, label: 'sleeper' })
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
      if (head.pid !== undefined) process.kill(-head.pid, 'SIGTERM')
      await head
      rmSync(serving.dir, { recursive: true, force: true })
    }
  },
  1_800_000,
)
