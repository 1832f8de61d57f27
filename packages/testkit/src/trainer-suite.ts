import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import type { Plan, Thinker, ThinkerInput, Trainer, TrainerCapabilities, TrainerProbe } from '@dda-thinker/plugin-api'
import { assertClose, assertFingerprint, withRole, type TestFunction } from './harness.ts'
import { makeContext } from './fakes/index.ts'
import { thinkerSuite } from './thinker-suite.ts'
import { ON_POLICY, TrainerBench, type TrainerBenchOptions, type TrainerVariant } from './trainer-bench.ts'
import { registerCheckpoints } from './trainer-checkpoint-suite.ts'
import { trainerProbeSuite } from './trainer-probe-suite.ts'
import { registerStreamUpdates } from './trainer-stream-suite.ts'
import { registerUpdates } from './trainer-update-suite.ts'

export interface TrainerSuiteOptions extends TrainerBenchOptions {
  readonly test: TestFunction
  /** Does `probe()` work on a trainer that is not open? It saves opening one for each vector. Default false. */
  readonly probeBeforeOpen?: boolean
  /** A whole plan text to imitate, for trainers with a warm start. */
  readonly demonstration?: (input: ThinkerInput) => string
  /** Something the policy can learn in a few steps, for example to use one word. */
  readonly learning?: {
    readonly variant?: TrainerVariant
    readonly steps: number
    readonly reward: (plan: Plan) => number
    /** How much the mean reward of the last three steps must exceed that of the first three. */
    readonly gain: number
  }
}

/** Registers one check, named, on an open trainer. */
export type TrainerCheck = (
  name: string,
  run: (bench: TrainerBench) => Promise<void>,
  setup?: { readonly variant?: TrainerVariant; readonly seed?: number },
) => unknown

/**
 * Registers the conformance tests of a trainer: its arithmetic by golden vectors and invariants where it offers a probe,
 * its policy as a Thinker, and updates, failures and checkpoints by the contract alone. What it declares in `supports`
 * decides which groups run. The names of the metrics that it reads are listed in the test kit's documentation.
 */
export function trainerSuite(options: TrainerSuiteOptions): void {
  const { test, factory } = options
  const check: TrainerCheck = (name, run, setup = {}) => test(name, () => TrainerBench.with(options, setup, run))
  const sample = factory({})
  const { supports } = sample

  check('declares what it supports, and has a fingerprint that a second instance shares', async ({ trainer }) => {
    assert.deepEqual(trainer.supports, supports, 'what it supports is known before it opens')
    assert.ok(supports.estimators.length > 0 && supports.lossAggregation.length > 0)
    assert.equal(supports.critic, supports.estimators.includes('gae'), 'the estimator gae and the critic go together')
    await TrainerBench.with(options, {}, async (other) => {
      assertFingerprint([trainer.fingerprint, other.trainer.fingerprint])
    })
  })

  if (sample.probe !== undefined) {
    const withProbe: Parameters<typeof trainerProbeSuite>[0]['withProbe'] = async (run) => {
      const trainer = factory({})
      if (options.probeBeforeOpen === true) await run(probeOf(trainer))
      else await withRole(trainer, makeContext(), (opened) => run(probeOf(opened)))
    }
    trainerProbeSuite({ test, withProbe, supports })
  }

  thinkerSuite({
    test: (name, run) => test(`its policy as a Thinker: ${name}`, run),
    factory: () => asThinker(factory({})),
    inputs: options.inputs,
  })

  registerUpdates(check, options, supports)
  registerStreamUpdates(check, options, supports)
  registerCheckpoints(check, options)
  if (sample.imitate !== undefined) registerImitation(check, options, supports)
  if (sample.export !== undefined) {
    check('exports the policy into files that are there', async (bench) => {
      const files = (await bench.trainer.export?.(await bench.emptyFolder())) ?? []
      assert.ok(files.length > 0, 'export names the files it wrote')
      for (const file of files) assert.ok((await stat(file)).size > 0, `${file} is not empty`)
    })
  }
}

function probeOf(trainer: Trainer): TrainerProbe {
  const probe = trainer.probe?.()
  assert.ok(probe !== undefined, 'the trainer offers a probe')
  return probe
}

function asThinker(trainer: Trainer): Thinker {
  return {
    get fingerprint() {
      return trainer.thinker.fingerprint
    },
    open: (context) => trainer.open?.(context) ?? Promise.resolve(),
    close: () => trainer.close?.() ?? Promise.resolve(),
    plan: (requests, call) => trainer.thinker.plan(requests, call),
  }
}

function registerImitation(check: TrainerCheck, options: TrainerSuiteOptions, supports: TrainerCapabilities): void {
  const { demonstration } = options
  if (demonstration === undefined) return
  check('imitation lowers the loss on what it imitates, and counts as updates', async (bench) => {
    const demonstrations = bench.inputs.map((input) => ({ input, text: demonstration(input) }))
    const losses: number[] = []
    for (let i = 0; i < 6; i++) {
      const report = await bench.trainer.imitate?.(demonstrations, { signal: new AbortController().signal })
      losses.push(report?.metrics['imitation/loss'] as number)
      assert.equal(report?.policyVersion, bench.trainer.policyVersion)
    }
    assert.equal(bench.trainer.policyVersion, 6)
    assert.ok((losses.at(-1) as number) < (losses[0] as number), `imitation/loss went ${losses.join(', ')}`)
    assertClose(losses.filter(Number.isFinite).length, 6, 0, 'finite losses')
  })
  if (!supports.klPlace.includes('reward')) return
  check(
    'reinforcement after imitation is held to the policy that imitation made',
    async (bench) => {
      const demonstrations = bench.inputs.map((input) => ({ input, text: demonstration(input) }))
      for (let i = 0; i < 4; i++)
        await bench.trainer.imitate?.(demonstrations, { signal: new AbortController().signal })
      const first = (await bench.step(1)).metrics['kl/reference']
      assertClose(first, 0, 1e-4, 'kl/reference of the first update')
      const second = (await bench.step(2)).metrics['kl/reference']
      assert.ok(Math.abs(second ?? 0) > 1e-6, `the policy has moved from its reference, and kl/reference is ${second}`)
    },
    { variant: { ...ON_POLICY, kl: { place: 'reward', coefficient: 0.1 } } },
  )
}
