import type { CallOptions, PlanRequest, PlanResult, RoleContext, Thinker } from '@dda-thinker/plugin-api'
import type { LearnerSettings } from '../protocol/settings.ts'
import { opened, PolicyHost } from './policy-host.ts'
import type { PolicySource } from './policy-source.ts'

/** A frozen policy as a Thinker. */
export class FrozenThinker implements Thinker {
  readonly #source: PolicySource
  readonly #settings: (seed: number) => LearnerSettings
  readonly #fingerprint: (weights: string) => string
  readonly #temperature: number
  #host: PolicyHost | undefined
  #seed = 0

  /**
   * @param settings made from the seed of the run when it opens
   * @param temperature of requests that name none
   */
  constructor(
    source: PolicySource,
    settings: (seed: number) => LearnerSettings,
    fingerprint: (weights: string) => string,
    temperature: number,
  ) {
    this.#source = source
    this.#settings = settings
    this.#fingerprint = fingerprint
    this.#temperature = temperature
  }

  get fingerprint(): string {
    return this.#fingerprint(this.#source.weightsId(this.#seed))
  }

  async open(context: RoleContext): Promise<void> {
    this.#seed = context.seed
    this.#host = await PolicyHost.open(this.#source, this.#settings(context.seed), context, this.#temperature)
  }

  plan(requests: readonly PlanRequest[], options: CallOptions): AsyncIterable<PlanResult> {
    return opened(this.#host, 'thinker').plan(requests, options, {
      fingerprint: () => this.fingerprint,
      versioned: false,
    })
  }

  async close(): Promise<void> {
    const closing = this.#host
    this.#host = undefined
    await closing?.close()
  }
}
