import type { OnnxSession, Feed } from '@dda-thinker/onnx-graph'
import { type Adam, type RateStretch, clipScale } from '../ppo/adam.ts'
import { learningRate, type Schedule } from '../ppo/schedule.ts'

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
  private readonly total: Float32Array
  private readonly part: Float32Array
  /** Micro-batches in `total`. */
  private parts = 0

  constructor(state: Trained) {
    this.state = state
    this.total = new Float32Array(state.theta.length)
    this.part = new Float32Array(state.theta.length)
  }

  /** Forgets what was added up; at the start of an update, because the one before may have failed half-way. */
  begin(): this {
    this.parts = 0
    return this
  }

  /** Runs one micro-batch and returns its statistics. */
  async accumulate(session: OnnxSession, feeds: Readonly<Record<string, Feed>>): Promise<Float32Array> {
    const first = this.parts === 0
    const gradient = first ? this.total : this.part
    const { stats } = await session.run({ ...feeds, theta: this.state.theta }, { into: { gradient } })
    this.parts++
    if (!first) {
      for (let i = 0; i < this.total.length; i++) this.total[i] = (this.total[i] as number) + (this.part[i] as number)
    }
    return stats?.data as Float32Array
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
    this.parts = 0
    const { norm, scale } = clipScale(this.total.subarray(0, critic), maxGradientNorm)
    const own = this.total.subarray(critic)
    const { norm: criticNorm, scale: criticScale } = clipScale(own, maxGradientNorm)
    if (criticScale !== scale) for (let i = 0; i < own.length; i++) own[i] = (own[i] as number) * (criticScale / scale)
    const rate = learningRate(schedule, this.state.optimizerSteps)
    this.state.optimizer.step(this.state.theta, this.total, rate, scale, stretches)
    this.state.optimizerSteps++
    return { norm, criticNorm, rate }
  }
}
