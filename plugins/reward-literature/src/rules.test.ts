import type { ChecklistItem, Scope } from '@dda-thinker/plugin-api'
import { makeItem, makePlan, makeVerdicts } from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import { literatureReward, type RuleName } from './index.ts'

/** Items by dimension, and how many of them pass: `modify: [2, 4]`. */
type Counts = Readonly<Record<string, readonly [passed: number, of: number]>>

const KINDS: Readonly<Record<string, readonly [Scope, ChecklistItem['aspect']]>> = {
  plan: ['cognitive', 'change'],
  change: ['visual', 'change'],
  keep: ['visual', 'preservation'],
}

function reward(rule: RuleName, counts: Counts, format = true) {
  const failed: string[] = []
  const checklist = Object.entries(counts).flatMap(([kind, [passes, of]]) => {
    const [scope, aspect] = KINDS[kind] ?? ['visual', 'change']
    return Array.from({ length: of }, (_, i) => {
      // Ids of plain items name no dimension.
      const id = kind in KINDS ? `item-${kind}-${i}` : `${kind}:${i}`
      if (i >= passes) failed.push(id)
      return makeItem(id, scope, { aspect: aspect ?? 'change' })
    })
  })
  const plan = makePlan('paint it', { format: format ? { ok: true } : { ok: false, problem: 'no plan' } })
  return literatureReward(rule).decompose({ plan, checklist, verdicts: makeVerdicts(checklist, { failed }) })
}

const worth = (...given: Parameters<typeof reward>): number => reward(...given).total

describe('dars, by the examples of the paper', () => {
  const rest = { overall: [3, 3], tips: [3, 3] } as const
  test('a wrong change is worth 0.20, whatever comes after it', () => {
    expect(worth('dars', { change: [2, 4], keep: [3, 3], ...rest })).toBeCloseTo(0.2, 9)
  })
  test('a weak preservation ends what comes after it: 0.48', () => {
    expect(worth('dars', { change: [4, 4], keep: [2, 5], ...rest })).toBeCloseTo(0.48, 9)
  })
  test('two of three reach the gate', () => {
    expect(worth('dars', { change: [2, 3], keep: [3, 3], ...rest })).toBeCloseTo(0.4 * (2 / 3) + 0.6, 9)
  })
  test('slots that a sample does not have take no part', () => {
    expect(worth('dars', { change: [4, 4], keep: [1, 2] })).toBeCloseTo((0.4 + 0.2 * 0.5) / 0.6, 9)
  })
})

describe('firm', () => {
  test.each<readonly [string, Counts, number]>([
    ['doing nothing earns nothing, though all was preserved', { change: [0, 4], keep: [4, 4] }, 0],
    ['the change alone is worth 0.6', { change: [4, 4], keep: [0, 4] }, 0.6],
    ['both are worth 1', { change: [4, 4], keep: [4, 4] }, 1],
    ['up to 3 of 5 consistency is ignored', { change: [2, 4], keep: [4, 4] }, 0.3],
    ['above it, it multiplies', { change: [3, 4], keep: [2, 4] }, 0.75 * 0.8],
    ['where nothing has to stay, nothing is ruined', { change: [3, 4] }, 0.75],
  ])('%s', (_, counts, expected) => expect(worth('firm', counts)).toBeCloseTo(expected, 9))
})

describe('risevolve', () => {
  test('the weaker of plan and picture gates what the rest adds', () => {
    const full = { preserve: [1, 1], region: [1, 1], quality: [1, 1], readable: [1, 1] } as const
    expect(worth('risevolve', { plan: [2, 2], change: [2, 2], ...full })).toBeCloseTo(1, 9)
    expect(worth('risevolve', { plan: [1, 2], change: [2, 2], ...full })).toBeCloseTo((0.225 + 0.225 + 0.05) / 0.95, 9)
    const none = { preserve: [0, 1], region: [0, 1], quality: [0, 1], readable: [0, 1] } as const
    expect(worth('risevolve', { plan: [2, 2], change: [2, 2], ...none })).toBeCloseTo(
      (0.45 + 0.45 * 0.45 + 0.05) / 0.95,
      9,
    )
    expect(worth('risevolve', { plan: [2, 2], change: [0, 2], ...full })).toBeCloseTo(0.5 / 0.95, 9)
  })
})

describe('replan', () => {
  test.each<readonly [string, Counts, number]>([
    ['4 of 5 counts whole', { plan: [3, 4], change: [3, 4], keep: [3, 4] }, 1],
    ['below it nothing does', { plan: [2, 3], change: [3, 4], keep: [3, 4] }, (2 / 3 + 0.2) / 1.2],
    [
      'consistency counts only if the edit happened',
      { plan: [4, 4], change: [1, 4], keep: [4, 4] },
      (1 / 3 + 0.2) / 1.2,
    ],
  ])('%s', (_, counts, expected) => expect(worth('replan', counts)).toBeCloseTo(expected, 9))

  test('a plan out of its format loses 0.2 of 1.2', () => {
    const all = { plan: [1, 1], change: [1, 1], keep: [1, 1] } as const
    expect(worth('replan', all) - worth('replan', all, false)).toBeCloseTo(0.2 / 1.2, 9)
  })
})

describe('unified-thinker', () => {
  test.each<readonly [string, Counts, number]>([
    ['all 5', { change: [4, 4], keep: [4, 4], quality: [1, 1] }, 1],
    ['reasoning 1 halves the score of 3 to 1.5', { change: [0, 4], keep: [4, 4], quality: [1, 1] }, 0.125],
    ['nothing is the floor', { change: [0, 4], keep: [0, 4], quality: [0, 1] }, 0],
    ['4, 3 and 5: 3.9 of 1 to 5', { change: [3, 4], keep: [2, 4], quality: [1, 1] }, (3.9 - 1) / 4],
    ['as coarse as a rating', { change: [7, 10], keep: [2, 4], quality: [1, 1] }, (3.9 - 1) / 4],
  ])('%s', (_, counts, expected) => expect(worth('unified-thinker', counts)).toBeCloseTo(expected, 9))
})

test('what a rule does not score earns nothing and is named all the same', () => {
  const { items, components } = reward('firm', { plan: [2, 2], change: [1, 1] })
  expect(
    items.filter(({ scope }) => scope === 'cognitive').map(({ passed, contribution }) => [passed, contribution]),
  ).toEqual([
    [true, 0],
    [true, 0],
  ])
  expect(components).toEqual({ execution: 1, format: 1 })
})

test('a sample that a rule cannot score is masked, never 0', () => {
  expect(() => reward('firm', { plan: [1, 1] })).toThrow(
    expect.objectContaining({ code: 'DDA_CHECKLIST_DIMENSION', kind: 'bad-input' }),
  )
})
