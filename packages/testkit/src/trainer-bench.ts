import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  Estimator,
  ImageStore,
  LossAggregation,
  Plan,
  Rollout,
  StreamMode,
  ThinkerInput,
  Trainer,
  TrainingBatch,
  UpdateReport,
} from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext, makeRollout } from './fakes/index.ts'
import { assertClose, withRole } from './harness.ts'
import { planAll, requestsFor } from './thinker-suite.ts'

/** Settings that a check wants; what it leaves out is the author's choice, but must be the same every time. */
export interface TrainerVariant {
  readonly estimator?: Estimator
  readonly aggregation?: LossAggregation
  /** Passes over a step's rollouts. */
  readonly epochs?: number
  /** All rollouts in one optimiser step. */
  readonly oneMiniBatch?: boolean
  /** Rollouts in one pass through the network. */
  readonly microBatch?: number
  /** How the streams of the reward become an advantage. */
  readonly streams?: Exclude<StreamMode, 'sum'>
  /** The weight of each stream, by name; with gae all of them are here, for each has a value head. */
  readonly streamWeights?: Readonly<Record<string, number>>
  readonly kl?: { readonly place: 'reward' | 'loss'; readonly coefficient: number }
  /** Weight of the entropy bonus. */
  readonly entropy?: number
}

export interface TrainerBenchOptions {
  /** A fresh trainer on a small policy, the smaller the faster; its random weights come from the seed of the context. */
  readonly factory: (variant: TrainerVariant) => Trainer
  /** Stores pictures and gives two to eight inputs. */
  readonly inputs: (images: ImageStore) => Promise<readonly ThinkerInput[]>
}

/** The variant under which the first update's numbers are those of the policy that sampled. */
export const ON_POLICY: TrainerVariant = { epochs: 1, oneMiniBatch: true }

/** An open trainer and what the checks do with it. */
export class TrainerBench {
  readonly trainer: Trainer
  readonly inputs: readonly ThinkerInput[]
  private readonly folder: string
  private folders = 0

  private constructor(trainer: Trainer, inputs: readonly ThinkerInput[], folder: string) {
    this.trainer = trainer
    this.inputs = inputs
    this.folder = folder
  }

  static async with<T>(
    options: TrainerBenchOptions,
    setup: { readonly variant?: TrainerVariant; readonly seed?: number },
    use: (bench: TrainerBench) => Promise<T>,
  ): Promise<T> {
    const context = makeContext({ seed: setup.seed ?? 1 })
    const inputs = deepFreeze(await options.inputs(context.images))
    assert.ok(inputs.length > 1, 'the suite needs two inputs')
    const folder = await mkdtemp(join(tmpdir(), 'dda-testkit-'))
    try {
      const made = options.factory(setup.variant ?? ON_POLICY)
      return await withRole(made, context, (trainer) => use(new TrainerBench(trainer, inputs, folder)))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** Plans of all inputs with seeds of the step's own, at the trainer's own temperature unless another is given. */
  async plans(step: number, copies = 4, temperature?: number): Promise<readonly Plan[]> {
    const asked = requestsFor(this.inputs, copies, step * 1000)
    const requests = temperature === undefined ? asked : asked.map((request) => ({ ...request, temperature }))
    const plans = await planAll(this.trainer.thinker, requests)
    return requests.map(({ id }) => plans.get(id) as Plan)
  }

  /** The rollouts of plans, grouped by sample; the reward depends on the plan's text unless given. */
  batch(step: number, plans: readonly Plan[], reward: (plan: Plan) => number = rewardOfText): TrainingBatch {
    const members = new Map<string, number>()
    const rollouts = plans.map((plan): Rollout => {
      const member = members.get(plan.sampleId) ?? 0
      members.set(plan.sampleId, member + 1)
      return makeRollout(plan, reward(plan), { member })
    })
    return deepFreeze({ step, rollouts, inputs: this.inputs })
  }

  async update(batch: TrainingBatch): Promise<UpdateReport> {
    const report = await this.trainer.update(batch, { signal: new AbortController().signal })
    for (const [name, value] of Object.entries(report.metrics)) {
      assert.ok(Number.isFinite(value), `metric ${name} is ${value}`)
    }
    return report
  }

  /** Plans and learns from them. */
  async step(step: number, reward?: (plan: Plan) => number): Promise<UpdateReport> {
    return this.update(this.batch(step, await this.plans(step), reward))
  }

  /** What the policy would write and how sure it is of it: equal signatures mean equal policies, as far as plans show. */
  async signature(): Promise<readonly PlanSignature[]> {
    return (await this.plans(999, 2)).map(signatureOf)
  }

  /** Runs work that must fail and leave policy and version as they were. */
  async unchangedBy(work: () => Promise<void>): Promise<void> {
    const before = await this.signature()
    const version = this.trainer.policyVersion
    await work()
    assert.equal(this.trainer.policyVersion, version, 'the policy version is as before')
    assert.deepEqual(await this.signature(), before, 'the policy is as before')
  }

  /** A path in an empty folder of this bench. */
  async emptyFolder(): Promise<string> {
    return mkdtemp(join(this.folder, `${this.folders++}-`))
  }
}

export interface PlanSignature {
  readonly text: string
  readonly logProbs: readonly number[]
}

export function signatureOf({ text, tokens }: Plan): PlanSignature {
  return { text, logProbs: tokens?.logProbs ?? [] }
}

/** Asserts that two policies are the same but for rounding. */
export function assertSamePolicy(a: readonly PlanSignature[], b: readonly PlanSignature[], tolerance = 1e-4): void {
  a.forEach(({ text, logProbs }, i) => {
    assert.equal(b[i]?.text, text)
    assertClose(b[i]?.logProbs, logProbs, tolerance, 'log-probabilities')
  })
}

/** An arbitrary number in [0, 1) that the text alone decides. */
export function rewardOfText({ text }: Plan): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32
}
