import { expect, test } from 'vitest'
import { Adam, clipScale, globalNorm } from './adam.ts'

test('the first step moves each weight by the learning rate against the sign of its gradient', () => {
  const theta = Float32Array.of(1, 1, 1)
  new Adam(3, { epsilon: 0 }).step(theta, Float32Array.of(0.5, -2e-4, 0.1), 0.01)
  expect([...theta]).toEqual([0.99, 1.01, 0.99].map(Math.fround))
})

test('three steps by hand', () => {
  const adam = new Adam(1, { beta1: 0.9, beta2: 0.99, epsilon: 1e-3 })
  const theta = Float32Array.of(2)
  let [m, v, x] = [0, 0, 2]
  ;[1, -0.5, 0.25].forEach((g, i) => {
    adam.step(theta, Float32Array.of(g), 0.1)
    m = 0.9 * m + 0.1 * g
    v = 0.99 * v + 0.01 * g * g
    x -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.99 ** (i + 1))) + 1e-3)
    expect(theta[0]).toBeCloseTo(x, 6)
  })
})

test('weight decay is decoupled from the gradient', () => {
  const theta = Float32Array.of(2)
  new Adam(1, { weightDecay: 0.1 }).step(theta, Float32Array.of(0), 0.5)
  expect(theta[0]).toBeCloseTo(2 * (1 - 0.5 * 0.1), 6)
})

test('a resumed optimiser steps as if it had never stopped', () => {
  const gradients = [Float32Array.of(1, -2), Float32Array.of(0.3, 0.1), Float32Array.of(-1, 4)]
  const [whole, theta] = [new Adam(2), Float32Array.of(1, 1)]
  const resumedTheta = Float32Array.of(1, 1)
  const first = new Adam(2)
  first.step(resumedTheta, gradients[0] as Float32Array, 0.1)
  const state = first.exportState()
  first.step(Float32Array.of(0, 0), gradients[1] as Float32Array, 0.1)
  const second = new Adam(2)
  second.importState(state)
  for (const gradient of gradients) whole.step(theta, gradient, 0.1)
  for (const gradient of gradients.slice(1)) second.step(resumedTheta, gradient, 0.1)
  expect(resumedTheta).toEqual(theta)
})

test('the state of another size is refused', () => {
  expect(() => new Adam(3).importState(new Adam(2).exportState())).toThrow(
    expect.objectContaining({ code: 'DDA_OPTIMIZER_STATE' }),
  )
})

test('the global norm is measured, and clipped by a factor that the step takes', () => {
  const gradient = Float32Array.of(3, 4, 0, 0, 0)
  const { norm, scale } = clipScale(gradient, 1)
  expect([norm, scale]).toEqual([5, 1 / (5 + 1e-6)])
  expect(globalNorm(gradient.map((g) => g * scale))).toBeCloseTo(1, 5)
  expect(clipScale(Float32Array.of(0.3, 0.4), 1)).toEqual({ norm: expect.closeTo(0.5, 6) as number, scale: 1 })
  const [scaled, plain] = [new Float32Array(5).fill(1), new Float32Array(5).fill(1)]
  const [one, other] = [new Adam(5), new Adam(5)]
  for (let step = 0; step < 3; step++) {
    one.step(scaled, gradient, 0.1, 0.25)
    other.step(
      plain,
      gradient.map((g) => g * 0.25),
      0.1,
    )
  }
  expect(scaled).toEqual(plain)
})

test('a gradient that is no number is refused', () => {
  expect(() => clipScale(Float32Array.of(1, Number.NaN), 1)).toThrow(
    expect.objectContaining({ code: 'DDA_GRADIENT_NOT_FINITE' }),
  )
})

test('a stretch of the weights steps as if it were alone with its own rate', () => {
  const gradient = Float32Array.of(0.5, -0.25, 1, 2)
  const theta = new Float32Array(4).fill(1)
  const [slow, fast] = [new Float32Array(2).fill(1), new Float32Array(2).fill(1)]
  const [whole, first, second] = [new Adam(4), new Adam(2), new Adam(2)]
  for (let step = 0; step < 3; step++) {
    whole.step(theta, gradient, 0.01, 1, [
      { end: 2, factor: 1 },
      { end: 4, factor: 10 },
    ])
    first.step(slow, gradient.slice(0, 2), 0.01)
    second.step(fast, gradient.slice(2), 0.1)
  }
  expect([...theta]).toEqual([...slow, ...fast])
})
