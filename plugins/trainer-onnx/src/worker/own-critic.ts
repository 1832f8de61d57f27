import { Adam } from '../ppo/adam.ts'
import type { AdamSettings } from '../protocol/settings.ts'
import type { CriticSnapshot } from '../protocol/snapshot.ts'
import type { Trained } from './gradient-step.ts'

/**
 * A critic with a network of its own: the policy's layout, of which its head is idle. What a trunk is made for, writing the next
 * token, holds little of whether the plan will succeed.
 */
export class OwnCritic implements Trained {
  readonly theta: Float32Array
  optimizer: Adam
  optimizerSteps = 0
  readonly #adam: AdamSettings

  /** @param theta a copy of the policy's */
  constructor(theta: Float32Array, adam: AdamSettings) {
    this.theta = theta
    this.optimizer = new Adam(theta.length, adam)
    this.#adam = adam
  }

  /** Begins as the policy is now, value heads included. */
  begin(theta: Float32Array): void {
    this.theta.set(theta)
    this.optimizer = new Adam(theta.length, this.#adam)
    this.optimizerSteps = 0
  }

  /** Copies, into the arrays of an earlier one if it is given. */
  snapshot(into?: CriticSnapshot): CriticSnapshot {
    const { m, v } = this.optimizer.exportState(into)
    into?.theta.set(this.theta)
    return { theta: into?.theta ?? this.theta.slice(), m, v, optimizerSteps: this.optimizerSteps }
  }

  restore({ theta, m, v, optimizerSteps }: CriticSnapshot): void {
    const optimizer = new Adam(this.theta.length, this.#adam)
    optimizer.importState({ step: optimizerSteps, m, v })
    this.optimizer = optimizer
    this.optimizerSteps = optimizerSteps
    this.theta.set(theta)
  }
}
