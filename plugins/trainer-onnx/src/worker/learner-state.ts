import { Adam } from '../ppo/adam.ts'
import { KlController } from '../ppo/kl-controller.ts'
import { OwnCritic } from './own-critic.ts'
import { CounterRandom } from '../policy/random.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import type { LearnerSnapshot, Phase } from '../protocol/snapshot.ts'
import type { CreateArray } from './weight-arrays.ts'

/** The weights and all that changes with them. */
export class LearnerState {
  readonly theta: Float32Array
  readonly reference: Float32Array
  readonly controller: KlController
  readonly shuffle: CounterRandom
  /** Tokens that plans of this phase have held. */
  readonly said = new Set<number>()
  updates = 0
  imitations = 0
  optimizerSteps = 0
  phase: Phase = 'imitate'
  optimizer: Adam
  /** Where the critic has a network of its own. */
  readonly critic: OwnCritic | undefined
  private readonly settings: LearnerSettings

  /** @param theta weights to begin with; copied */
  constructor(settings: LearnerSettings, theta: Float32Array, createArray: CreateArray) {
    const copy = (): Float32Array => {
      const array = createArray(theta.length)
      array.set(theta)
      return array
    }
    this.settings = settings
    this.theta = copy()
    this.reference = copy()
    this.controller = new KlController(settings.ppo.kl.control)
    this.shuffle = new CounterRandom(settings.seed, 'shuffle')
    this.optimizer = new Adam(theta.length, settings.adam)
    this.critic = settings.critic && new OwnCritic(copy(), settings.adam)
  }

  /**
   * Starts a phase unless it is the current one: new moments, and for reinforcement learning the weights of this moment
   * become the reference policy, and what a critic of its own begins from.
   */
  enter(phase: Phase): void {
    if (this.phase === phase) return
    this.phase = phase
    this.optimizer = new Adam(this.theta.length, this.settings.adam)
    this.optimizerSteps = 0
    this.said.clear()
    if (phase !== 'reinforce') return
    this.reference.set(this.theta)
    this.critic?.begin(this.theta)
  }

  /** Copies, into the arrays of an earlier snapshot if one is given. */
  snapshot(into?: LearnerSnapshot): LearnerSnapshot {
    const { m, v } = this.optimizer.exportState(into)
    into?.theta.set(this.theta)
    into?.reference.set(this.reference)
    const critic = this.critic?.snapshot(into?.critic)
    return {
      ...(critic !== undefined && { critic }),
      theta: into?.theta ?? this.theta.slice(),
      reference: into?.reference ?? this.reference.slice(),
      m,
      v,
      counters: {
        updates: this.updates,
        imitations: this.imitations,
        optimizerSteps: this.optimizerSteps,
        phase: this.phase,
        klCoefficient: this.controller.coefficient,
        shufflePosition: this.shuffle.position,
        said: [...this.said],
      },
    }
  }

  restore({ theta, reference, m, v, counters, critic }: LearnerSnapshot): void {
    const optimizer = new Adam(this.theta.length, this.settings.adam)
    optimizer.importState({ step: counters.optimizerSteps, m, v })
    this.optimizer = optimizer
    this.optimizerSteps = counters.optimizerSteps
    if (critic !== undefined) this.critic?.restore(critic)
    this.theta.set(theta)
    this.reference.set(reference)
    this.updates = counters.updates
    this.imitations = counters.imitations
    this.phase = counters.phase
    this.controller.importState({ coefficient: counters.klCoefficient })
    this.shuffle.position = counters.shufflePosition
    this.said.clear()
    for (const token of counters.said ?? []) this.said.add(token)
  }
}
