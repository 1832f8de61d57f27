import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExternalJob, type TrainingSettings, type RoleContext } from '@dda-thinker/plugin-api'
import { externalTrainerSuite, makeContext, testPluginOptions } from '@dda-thinker/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import plugin from './index.ts'
import { metricsOfLog } from './metrics-of-log.ts'
import { type Dashboard, rayDashboard } from './ray-dashboard.fixture.ts'
import { makeJob, need, options, settings, streams } from './run.fixture.ts'
import { problemsOf, verlConfig } from './verl-config.ts'
import { VerlTrainer } from './verl-trainer.ts'

const call = { signal: new AbortController().signal }

let root = ''
let dashboard: Dashboard
let context: RoleContext
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dda-verl-'))
  dashboard = await rayDashboard()
  context = makeContext()
})
afterEach(async () => {
  await dashboard.close()
  await rm(root, { recursive: true, force: true })
})

const job = (over: Partial<ExternalJob> = {}): ExternalJob => makeJob(root, over)

/** As verl does at the end of a step with a checkpoint. */
async function writeCheckpoint(checkpoints: string, step: number): Promise<void> {
  const model = join(checkpoints, `global_step_${step}/actor/huggingface`)
  await mkdir(model, { recursive: true })
  await writeFile(join(model, 'model.safetensors'), `weights of ${step}`)
  await writeFile(join(checkpoints, 'latest_checkpointed_iteration.txt'), String(step))
}

const onRay = (more: object = {}) =>
  options({
    ray: { address: dashboard.url },
    storage: join(root, 'shared'),
    pictures: false,
    deadline: { poll: 0.01 },
    ...more,
  })

testPluginOptions(test, plugin, {
  valid: [
    { name: 'the least', options: need },
    {
      name: 'a cluster',
      options: { ...need, ray: { address: 'http://head:8265' }, storage: '/shared', overrides: ['a.b=1'] },
    },
  ],
  invalid: [
    { name: 'no model', options: {}, code: 'DDA_CONFIG_INVALID' },
    // What verl has no part for.
    {
      name: 'divided groups',
      options: { ...need, streams: { mode: 'split' } },
      code: 'DDA_CONFIG_INVALID',
      at: 'streams.mode',
    },
    {
      name: 'group centring',
      options: { ...need, groupCentre: 'plan' },
      code: 'DDA_CONFIG_INVALID',
      at: 'groupCentre',
    },
    { name: 'an adaptive KL', options: { ...need, kl: { target: 1 } }, code: 'DDA_CONFIG_INVALID', at: 'kl.target' },
    { name: 'no override', options: { ...need, overrides: ['--help'] }, code: 'DDA_CONFIG_INVALID', at: 'overrides.0' },
  ],
})

describe('conformance', () => {
  externalTrainerSuite({
    test,
    factory: () => new VerlTrainer(onRay(), (path) => path),
    settings: { streams },
    refused: [{ order: 'prioritized' }, { filter: true }, { maxStaleness: 1 }, { samples: 1 }],
    // What the job would say and write.
    play: async (step) => {
      dashboard.log += `(pid=1) step:${step} - actor/loss:${1 / step}\n`
      await writeCheckpoint(join(root, 'shared/run/checkpoints'), step)
    },
    plansElsewhere: true,
  })
})

test.each<[string, object, Partial<TrainingSettings>]>([
  ['trl.experimental.ppo', { advantage: 'gae' }, {}],
  ['streams.mode` normalized', { streams: { mode: 'normalized' } }, {}],
  ['compares members', { advantage: 'rloo' }, { groupSize: 1 }],
  ['whole groups', { miniBatch: 6 }, {}],
  ['train.samplesPerStep', {}, { samples: 1 }],
  ['prioritized', {}, { order: 'prioritized' }],
  ['curriculum', {}, { order: 'curriculum', samples: 7 }],
  ['train.filter', {}, { filter: true }],
  ['train.maxStaleness', {}, { maxStaleness: 1 }],
  ['`gamma`', { gamma: 0.9 }, {}],
  ['`lambda`', { lambda: 0.9 }, {}],
  ['`critic.warmup`', { critic: { warmup: 2 } }, {}],
  ['`kl.coefficient`', { kl: { place: 'off', coefficient: 0.1 } }, {}],
  ['`storage`', { ray: { address: 'http://localhost:8265' } }, {}],
  ['`rewards.url`', { ray: { address: 'http://head:8265' }, storage: '/shared' }, {}],
  ['`overrides`', { overrides: ['trainer.save_freq=1'] }, {}],
])('refuses before anything starts what verl would ignore or cannot do: %s', (named, given, over) => {
  expect(problemsOf(options(), settings)).toEqual([])
  const problems = problemsOf(options(given), { ...settings, ...over })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(named)
  expect(() => new VerlTrainer(options(given), (path) => path).check({ ...settings, ...over })).toThrow(
    expect.objectContaining({ code: 'DDA_CONFIG_INVALID', exit: 'usage' }),
  )
})

test('settings are overrides of verl, PPO with a critic for text among them', () => {
  const given = options({ advantage: 'gae', pictures: false, miniBatch: 4, lambda: 0.95, overrides: ['a.b=1'] })
  expect(problemsOf(given, settings)).toEqual([])
  const lines = verlConfig(
    given,
    { ...settings, seed: 7 },
    { data: ['data.image_key=images'], checkpoints: "/it's here" },
  )
  expect(lines).toEqual(
    expect.arrayContaining([
      'data.image_key=images',
      'data.train_batch_size=2',
      'algorithm.adv_estimator=gae',
      'algorithm.lam=0.95',
      'actor_rollout_ref.actor.ppo_mini_batch_size=1',
      'actor_rollout_ref.rollout.n=4',
      'critic.cliprange_value=0.5',
      String.raw`trainer.default_local_dir='/it\'s here'`,
      'trainer.resume_mode=disable',
      'trainer.total_training_steps=4',
      'a.b=1',
    ]),
  )
})

test('metrics are read out of the log as verl prints it through Ray', () => {
  const log = [
    'INFO: step:x - nothing',
    '\u001B[36m(TaskRunnerV1 pid=12)\u001B[0m step:1 - actor/loss:-0.25 - critic/score/mean:np.float64(1e-05) - timing_s/gen:nan - a:b',
    '(TaskRunnerV1 pid=12) step:2 - actor/loss:3 - training/global_step:2',
  ].join('\n')
  expect([...metricsOfLog(log)]).toEqual([
    [1, { 'verl/actor/loss': -0.25, 'verl/critic/score/mean': 1e-5 }],
    [2, { 'verl/actor/loss': 3, 'verl/training/global_step': 2 }],
  ])
})

test('a job is submitted, followed, saved and stopped by the Jobs REST interface of Ray; another goes on from its checkpoint', async () => {
  const trainer = new VerlTrainer(onRay(), (path) => path)
  await trainer.open(context)
  await trainer.start(job(), call)
  const [submitted] = dashboard.submitted
  const { entrypoint, runtime_env } = submitted ?? { entrypoint: '' }
  expect(runtime_env?.env_vars).toMatchObject({ DDA_REWARD_URL: 'http://127.0.0.1:9', DDA_REWARD_TOKEN: 'a-token' })
  expect(entrypoint).toMatch(/^python3 -m verl\.trainer\.main_ppo data\.train_files=/)
  expect(entrypoint).toContain('reward.custom_reward_function.path=pkg://dda_reward.verl')
  // The token is no part of what process lists show.
  expect(entrypoint).not.toContain('a-token')
  const shared = join(root, 'shared/run')
  expect(await readdir(join(shared, 'data'))).toContain('train.parquet')

  // The dashboard is away for a moment.
  dashboard.outages = 2
  dashboard.log = '(pid=1) step:1 - actor/loss:0.5\n'
  expect(await trainer.step(1, call)).toEqual({ step: 1, policyVersion: 1, metrics: { 'verl/actor/loss': 0.5 } })
  dashboard.log += '(pid=1) step:2 - actor/loss:0.25\n'
  expect(await trainer.step(2, call)).toMatchObject({ policyVersion: 2 })
  await writeCheckpoint(join(shared, 'checkpoints'), 2)
  const saved = join(root, 'saved')
  await mkdir(saved)
  await trainer.save(saved)
  const exported = join(root, 'exported')
  await mkdir(exported)
  expect(await trainer.export(exported)).toEqual([join(exported, 'model.safetensors')])
  expect(await readFile(join(exported, 'model.safetensors'), 'utf8')).toBe('weights of 2')
  await trainer.close()
  expect(dashboard.status).toBe('STOPPED')

  const again = new VerlTrainer(onRay(), (path) => path)
  await again.open(context)
  await again.load(saved)
  expect(again.policyVersion).toBe(2)
  await again.start(job({ firstStep: 3 }), call)
  expect(dashboard.submitted[1]?.entrypoint).toContain(
    `trainer.resume_mode=resume_path 'trainer.resume_from_path='\\''${join(shared, 'checkpoints/global_step_2')}'\\'''`,
  )
  await again.close()

  // A new run that begins with the weights of that one.
  const next = new VerlTrainer(onRay(), (path) => path)
  await next.open(context)
  await next.load(saved)
  await next.start(job(), call)
  expect(dashboard.submitted[2]?.entrypoint).toContain('trainer.resume_mode=disable')
  expect(dashboard.submitted[2]?.entrypoint).toContain('global_step_2/actor/huggingface')
  await next.close()
})

test('a job that ends early, one that is slow, and a dashboard that is not there are told apart', async () => {
  const trainer = new VerlTrainer(onRay({ deadline: { poll: 0.01, step: 1 } }), (path) => path)
  await trainer.open(context)
  await trainer.start(job(), call)
  await expect(trainer.step(1, call)).rejects.toMatchObject({ code: 'DDA_VERL_SLOW' })
  dashboard.status = 'FAILED'
  dashboard.log = 'Traceback\nCUDA out of memory\n'
  const failed = trainer.step(1, call)
  await expect(failed).rejects.toMatchObject({ code: 'DDA_VERL_JOB' })
  await expect(failed).rejects.toThrow(/CUDA out of memory/)
  await expect(trainer.save(root)).rejects.toMatchObject({ code: 'DDA_VERL_CHECKPOINT' })
  await trainer.close()

  const lost = new VerlTrainer(onRay({ ray: { address: 'http://127.0.0.1:1' } }), (path) => path)
  await lost.open(context)
  await expect(lost.start(job(), call)).rejects.toMatchObject({ code: 'DDA_VERL_LAUNCH' })
  await lost.close()
  await writeFile(join(root, 'verl.json'), '{}')
  await expect(lost.load(root)).rejects.toMatchObject({ code: 'DDA_CHECKPOINT_CORRUPT' })
})

test('the token of the dashboard comes from the environment', async () => {
  process.env['VERL_TEST_TOKEN'] = 'dashboard-token'
  try {
    const trainer = new VerlTrainer(
      onRay({ ray: { address: dashboard.url, tokenEnv: 'VERL_TEST_TOKEN' } }),
      (path) => path,
    )
    await trainer.open(context)
    await trainer.start(job(), call)
    await trainer.close()
    expect(new Set(dashboard.tokens)).toEqual(new Set(['Bearer dashboard-token']))
  } finally {
    delete process.env['VERL_TEST_TOKEN']
  }
})

test.skipIf(process.platform === 'win32')(
  'without a cluster it is a process of this machine, with what it starts',
  async () => {
    const program = join(root, 'python')
    // Says what it was given, then a step, and waits to be ended.
    await writeFile(program, '#!/bin/sh\necho "$3" "$DDA_REWARD_URL"\necho "step:1 - actor/loss:0.5"\nsleep 600\n')
    await chmod(program, 0o755)
    await mkdir(join(root, 'run/engine'), { recursive: true })
    const trainer = new VerlTrainer(
      options({ python: program, pictures: false, deadline: { poll: 0.05 } }),
      (path) => path,
    )
    await trainer.open(context)
    await trainer.start(job(), call)
    expect(await trainer.step(1, call)).toMatchObject({ metrics: { 'verl/actor/loss': 0.5 } })
    await trainer.close()
    const log = await readFile(join(root, 'run/engine/verl.log'), 'utf8')
    expect(log).toMatch(/^data\.train_files=\S+ http:\/\/127\.0\.0\.1:9\n/)

    const missing = new VerlTrainer(options({ python: './no-python', pictures: false }), (path) => join(root, path))
    await missing.open(context)
    await expect(missing.start(job(), call)).rejects.toMatchObject({ code: 'DDA_VERL_LAUNCH' })
    await missing.close()
  },
)

test('it writes no plans here, and says who does', async () => {
  const { thinker } = new VerlTrainer(options(), (path) => path)
  const plans = thinker.plan([], call)[Symbol.asyncIterator]()
  await expect(plans.next()).rejects.toMatchObject({ code: 'DDA_VERL_THINKER', stopsRun: true })
})
