import { type Adam, type RateStretch, clipScale } from '../ppo/adam.ts'
import { learningRate, type Schedule } from '../ppo/schedule.ts'
import type { Scorer } from '../protocol/plan-rows.ts'
import { inOrder } from './in-order.ts'
import type { GraphJob, Replicas } from './replica.ts'
import type { CreateArray } from './weight-arrays.ts'

/** Weights with their optimiser. */
export interface Trained {
  readonly theta: Float32Array
  readonly optimizer: Adam
  /** Optimiser steps taken, which the schedule counts. */
  optimizerSteps: number
}

/** Adds up the gradients of micro-batches and takes optimiser steps. Kept from one update to the next, with its memory. */
export class GradientStep {
  private readonly state: Trained
  private readonly replicas: Replicas
  private readonly weights: Scorer
  private readonly createArray: CreateArray
  /** Of the mini-batch. */
  private total: Float32Array
  /** Of micro-batches under way. */
  private readonly parts: Float32Array[] = []

  /** @param weights whose they are */
  constructor(state: Trained, replicas: Replicas, weights: Scorer, createArray: CreateArray) {
    this.state = state
    this.replicas = replicas
    this.weights = weights
    this.createArray = createArray
    this.total = createArray(state.theta.length)
  }

  /**
   * The gradient of a mini-batch. Those of its micro-batches are added in their order, so that the sum has the same bits however many
   * replicas work on them.
   * @param job packs a micro-batch
   * @param take gets its statistics, in the same order
   */
  async accumulate<T>(
    microBatches: readonly T[],
    job: (microBatch: T) => Omit<GraphJob, 'weights'>,
    take: (stats: Float32Array) => void,
  ): Promise<void> {
    const { limit } = this.replicas
    await inOrder(
      microBatches,
      limit,
      async (microBatch, i) => {
        const part = (this.parts[i % limit] ??= this.createArray(this.total.length))
        return this.replicas.run({ ...job(microBatch), weights: this.weights }, part)
      },
      ({ stats }, i) => {
        this.add(i)
        take(stats as Float32Array)
      },
    )
  }

  /**
   * @param stretches parts of the weights with learning rates of their own
   * @param critic index of the critic's first weight; what lies before it and from it on is clipped apart, so that a large gradient of the
   * one does not shrink the other's. Default: all of them together
   * @returns the norms before clipping, and the learning rate. @throws DdaError `DDA_GRADIENT_NOT_FINITE`
   */
  apply(
    schedule: Schedule,
    maxGradientNorm: number,
    stretches?: readonly RateStretch[],
    critic = this.total.length,
  ): { norm: number; criticNorm: number; rate: number } {
    const { norm, scale } = clipScale(this.total.subarray(0, critic), maxGradientNorm)
    const own = this.total.subarray(critic)
    const { norm: criticNorm, scale: criticScale } = clipScale(own, maxGradientNorm)
    if (criticScale !== scale) for (let i = 0; i < own.length; i++) own[i] = (own[i] as number) * (criticScale / scale)
    const rate = learningRate(schedule, this.state.optimizerSteps)
    this.state.optimizer.step(this.state.theta, this.total, rate, scale, stretches)
    this.state.optimizerSteps++
    return { norm, criticNorm, rate }
  }

  /** Adds the gradient of micro-batch `i` to those before it. */
  private add(i: number): void {
    const slot = i % this.replicas.limit
    const part = this.parts[slot] as Float32Array
    if (i === 0) {
      this.parts[slot] = this.total
      this.total = part
      return
    }
    const { total } = this
    for (let k = 0; k < total.length; k++) total[k] = (total[k] as number) + (part[k] as number)
  }
}
