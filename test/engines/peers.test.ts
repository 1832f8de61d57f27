// Trainers of others, as they were released, ask a real `dda serve` for rewards. `npm run test:engines` installs them.
import { join } from 'node:path'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ddaHere } from '../support/in-process.ts'
import { engines, recordRow, runEngine, type Serving, servingProject } from '../support/engines.ts'

const none = Object.keys(engines).length === 0
let serving: Serving

beforeAll(async () => {
  if (none) return
  serving = await servingProject()
  for (const to of ['trl', 'verl', 'openrlhf']) {
    const made = await ddaHere(serving.dir, 'export', to, '--to', to, '--text-only')
    expect(made).toMatchObject({ ok: true })
  }
}, 600_000)

afterAll(async () => {
  if (none) return
  expect((await serving.end()).rollouts).toBeGreaterThan(0)
  rmSync(serving.dir, { recursive: true, force: true })
}, 600_000)

const run = (script: string, data: string) => runEngine(script, serving, [serving.dir, join(serving.dir, data)])

interface TrlRow {
  readonly completion: string
  readonly rewards: readonly (number | null)[]
  readonly advantage: number
}

test.skipIf(engines.trl === undefined)(
  "TRL's GRPOTrainer learns from scored rows, and masked ones have advantage 0",
  async () => {
    const said = (await run('trl_steps.py', 'trl')) as { readonly steps: number; readonly rows: readonly TrlRow[] }
    expect(said.steps).toBe(4)
    const masked = said.rows.filter(({ completion }) => completion.includes('remove'))
    const others = said.rows.filter(({ completion }) => !completion.includes('remove'))
    expect(masked.length).toBeGreaterThan(0)
    for (const row of masked) expect(row).toMatchObject({ rewards: [null, null, null], advantage: 0 })
    for (const { rewards } of others) expect(rewards.every((value) => typeof value === 'number')).toBe(true)
    expect(new Set(others.map(({ advantage }) => advantage)).size).toBeGreaterThan(1)
    recordRow(
      'TRL GRPOTrainer',
      engines.trl,
      `reward over HTTP, one function a stream: ${said.steps} steps, ${said.rows.length} plans, ${masked.length} of them masked with advantage 0`,
      '`multi_objective_aggregation: normalize_then_sum` for GDPO',
    )
  },
  900_000,
)

test.skipIf(engines.verl === undefined)(
  "our agent loop on verl's: a scored plan has its reward and streams, a masked one no row",
  async () => {
    const said = await run('verl_agent_loop.py', 'verl')
    const { score, cognitive, visual, format, items_passed, items_asked } = said.extras
    expect(said.text).toBe(said.demonstration)
    expect(said.score).toBe(score)
    expect(cognitive + visual + format).toBeCloseTo(score, 9)
    expect(items_asked).toBeGreaterThan(0)
    expect(items_passed).toBeLessThanOrEqual(items_asked)
    // Each token of it was written by the policy.
    expect(new Set(said.mask).size).toBe(1)
    expect(said.masked).toEqual([])
    expect(said.refused).toContain('trainer.use_v1=true')
  },
  900_000,
)

test.skipIf(engines.verl === undefined)(
  "verl's reward managers get reward and streams, in process and on a local Ray, and a mask is an error",
  async () => {
    const { naive, loop } = await run('verl_reward.py', 'verl')
    expect(naive.manager).toBe('NaiveRewardManager')
    const { score, cognitive, visual, format } = naive.reward_extra_info
    expect(naive.reward_score).toBe(score)
    expect(cognitive + visual + format).toBeCloseTo(score, 9)
    // A demonstration does what its checklist asks.
    expect(score).toBeGreaterThan(0.9)
    expect(naive.masked).toMatch(/^MaskedRolloutError: .*out of order/)
    expect(loop.samples).toHaveLength(3)
    expect(loop.rewards[0]).toBeCloseTo(score, 5)
    expect(Object.keys(loop.extras)).toEqual(
      expect.arrayContaining(['cognitive', 'visual', 'format', 'items_passed', 'items_asked', 'gated']),
    )
    expect(loop.masked).toContain('out of order')
    recordRow(
      'verl NaiveRewardManager, RewardLoopManager',
      `${engines.verl} (Ray ${engines.ray})`,
      'reward and streams over HTTP, in process and by two workers of a local Ray, which repeat rows to fill up; a mask raises',
      '`reward.custom_reward_function.path: pkg://dda_reward.verl`; not `rate_limited`, which makes 0.0 of a mask',
    )
  },
  900_000,
)

test.skipIf(engines.openrlhf === undefined)(
  "OpenRLHF's client gets a reward, and never a number for a masked rollout",
  async () => {
    const said = await run('openrlhf_reward.py', 'openrlhf')
    expect(said.scored).toEqual([
      {
        rewards: [expect.any(Number)],
        scores: [expect.any(Number)],
        extra_logs: { cognitive: [expect.any(Number)], visual: [expect.any(Number)], format: [expect.any(Number)] },
      },
    ])
    expect(said.scored[0].rewards[0]).toBeGreaterThan(0.9)
    expect(said.masked).toContain('Request error for 5 times')
    recordRow(
      'OpenRLHF SingleTurnAgentExecutor',
      engines.openrlhf,
      'reward over HTTP by `remote_rm_url`; a masked rollout is refused five times, and the run stops',
      '`--reward.remote_url http://host:8717/get_reward`',
    )
  },
  900_000,
)
