import {
  contractErrors,
  type CallOptions,
  type Plan,
  type PlanRequest,
  type PlanResult,
  type RoleContext,
} from '@dda-thinker/plugin-api'
import { readPlan } from '@dda-thinker/plan-text'
import { valueHeads } from '../policy/config.ts'
import { Tokenizer } from '../policy/tokenizer.ts'
import { END_ID } from '../policy/vocabulary.ts'
import { asCompleted } from './as-completed.ts'
import { Encoder } from './encoder.ts'
import { Engine } from './engine.ts'
import type { SampledPlan } from '../protocol/plan-rows.ts'
import type { PolicySource } from './policy-source.ts'
import { SamplingQueue } from './sampling-queue.ts'
import type { LearnerSettings } from '../protocol/settings.ts'

/** How plans name the policy that made them. */
export interface ThinkerIdentity {
  /** @param weights id of the weights that the plan was sampled from */
  readonly fingerprint: (weights: string) => string
  readonly versioned: boolean
}

/** An open policy: the worker that runs it and what turns samples into its numbers and back. */
export class PolicyHost {
  readonly source: PolicySource
  readonly engine: Engine
  readonly encoder: Encoder
  readonly tokenizer: Tokenizer
  private readonly queue: SamplingQueue
  /** Requests under way at once. */
  private readonly atHand: number
  /** Whether the values of a trace are the critic's. */
  private readonly traced: boolean
  /** Of requests that name none. */
  private readonly temperature: number

  private constructor(
    source: PolicySource,
    engine: Engine,
    context: RoleContext,
    temperature: number,
    settings: LearnerSettings,
  ) {
    const { workers } = settings.session
    this.temperature = temperature
    this.traced = valueHeads(source.config) === 1 && settings.critic === undefined
    // For each worker the micro-batch that it works on and the next one, and one more that is being encoded.
    this.atHand = (2 * workers + 1) * settings.microBatch
    this.source = source
    this.engine = engine
    this.tokenizer = new Tokenizer(source.vocabulary)
    this.encoder = new Encoder(source.config, this.tokenizer, context.images)
    this.queue = new SamplingQueue(engine, settings.microBatch, workers)
  }

  /** Reads the weights and starts the worker. @param temperature of requests that name none; default 1 */
  static async open(
    source: PolicySource,
    settings: LearnerSettings,
    context: RoleContext,
    temperature = 1,
  ): Promise<PolicyHost> {
    const engine = await Engine.start(settings, source.weights(context.seed))
    return new PolicyHost(source, engine, context, temperature, settings)
  }

  /** Plans as they finish; a request that cannot be planned yields its error. */
  async *plan(
    requests: readonly PlanRequest[],
    { signal }: CallOptions,
    thinker: ThinkerIdentity,
  ): AsyncGenerator<PlanResult> {
    const tasks = requests.map((request) => async (): Promise<PlanResult> => {
      try {
        const input = await this.encoder.input(request.input)
        const temperature = request.temperature ?? this.temperature
        const sampled = await this.queue.add(input, request.seed, temperature, signal)
        return { id: request.id, plan: this.toPlan(request, temperature, sampled, thinker) }
      } catch (error) {
        signal.throwIfAborted()
        return { id: request.id, error }
      }
    })
    yield* asCompleted(tasks, this.atHand, signal)
  }

  async close(): Promise<void> {
    await this.engine.stop()
  }

  private toPlan(request: PlanRequest, temperature: number, sampled: SampledPlan, thinker: ThinkerIdentity): Plan {
    const { text, ends } = this.tokenizer.decode(sampled.tokens)
    const ended = sampled.tokens.at(-1) === END_ID
    const { tokens: ids, logProbs, values } = sampled
    // Neither one of several value heads nor the idle one beside a critic of its own is the critic: an update asks it.
    const valued = this.traced ? { values } : {}
    return {
      id: request.id,
      sampleId: request.input.id,
      ...readPlan(text, { tags: this.source.options.tags, ended }),
      thinker: thinker.fingerprint(sampled.weights),
      policyVersion: thinker.versioned ? sampled.version : 0,
      seed: request.seed,
      tokens: { ids, logProbs, ...valued, ends, temperature },
    }
  }
}

export function opened(host: PolicyHost | undefined, role: string): PolicyHost {
  if (host !== undefined) return host
  throw contractErrors.make('DDA_ROLE_CLOSED/used', { role: `${role} onnx` })
}
