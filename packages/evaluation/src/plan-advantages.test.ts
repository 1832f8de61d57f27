import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { planAdvantages } from './plan-advantages.ts'

const { streams } = JSON.parse(readFileSync(new URL('../../testkit/golden-vectors.json', import.meta.url), 'utf8')) as {
  readonly streams: Streams
}

interface Streams {
  readonly groups: readonly string[]
  readonly cognitive: readonly number[]
  readonly visual: readonly number[]
  readonly constant: readonly number[]
  readonly verl: Peer & { readonly sum: readonly number[] }
  readonly trl: Peer
}
interface Peer {
  readonly tokens: number
  readonly tolerance: number
  readonly normalized: readonly number[]
  readonly oneLive: readonly number[]
}

const { groups, cognitive, visual, constant } = streams
const weights = [1, 1]
const plans = (tokens: number, of: readonly (readonly (number | undefined)[])[]) =>
  groups.map((group, i) => ({ group, tokens, scores: of.map((scores) => scores[i]) }))
const close = (found: readonly number[], expected: readonly number[], tolerance: number): void => {
  for (const [i, value] of expected.entries()) expect(Math.abs((found[i] ?? NaN) - value)).toBeLessThan(tolerance)
}

describe('whole plans have the advantages of', () => {
  test.each(['verl', 'trl'] as const)('%s, streams normalised', (peer) => {
    const { tokens, tolerance, normalized, oneLive } = streams[peer]
    const options = { estimator: 'grpo', mode: 'normalized', weights } as const
    close(planAdvantages(plans(tokens, [cognitive, visual]), options).combined, normalized, tolerance)
    close(planAdvantages(plans(tokens, [cognitive, constant]), options).combined, oneLive, tolerance)
  })

  test('verl, the sum', () => {
    const total = cognitive.map((score, i) => score + (visual[i] ?? 0))
    const options = { estimator: 'grpo', mode: 'sum', weights: [] } as const
    close(planAdvantages(plans(2, [total]), options).combined, streams.verl.sum, streams.verl.tolerance)
  })
})

test('the only stream is an ordinary reward, whatever its weight; beside a constant its scale does not matter', () => {
  for (const estimator of ['grpo', 'rloo', 'reinforce++'] as const) {
    const advantages = (mode: 'sum' | 'normalized', weight: number, of: readonly (readonly number[])[]) =>
      planAdvantages(plans(3, of), { estimator, mode, weights: [weight, 1] }).combined
    close(advantages('normalized', 5, [cognitive]), advantages('sum', 1, [cognitive]), 1e-12)
    const large = cognitive.map((score) => score * 100)
    close(advantages('normalized', 5, [large, constant]), advantages('normalized', 1, [cognitive, constant]), 1e-5)
  }
})

test('who was not asked is compared with nobody, and a stream of equals says nothing', () => {
  const halves = [
    groups.map((_, i) => (i % 2 === 0 ? i : undefined)),
    groups.map((_, i) => (i % 2 === 0 ? undefined : 1)),
  ]
  const found = planAdvantages(plans(3, halves), { estimator: 'rloo', mode: 'split', weights: [2, 1] })
  // Plans 0 and 2, and 4 and 6: each against the one other.
  expect(found.byStream[0]).toEqual([-2, 0, 2, 0, -2, 0, 2, 0])
  expect(found.combined).toEqual([-4, 0, 4, 0, -4, 0, 4, 0])
  expect(found.byStream[1]).toEqual(groups.map(() => 0))
})
