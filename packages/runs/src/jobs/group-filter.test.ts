import type { Rollout } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { checkFilter, GroupSieve } from './group-filter.ts'

const FILTER = { minStd: 0.05, minMean: 0.1, maxMean: 0.9, refills: 2 }
const STREAMS = [
  { name: 'cognitive', scopes: ['cognitive'] },
  { name: 'visual', scopes: ['visual'] },
] as const

type Member = number | 'masked' | { readonly cognitive: number; readonly visual: number }

function group(name: string, ...members: readonly Member[]): readonly Rollout[] {
  return members.map((member, at): Rollout => {
    const base = { id: `${name}/${at}`, sampleId: name, group: name, member: at, verdicts: [] }
    if (member === 'masked') {
      const failure = { kind: 'timeout', stage: 'edit', code: 'DDA_X', message: 'slow' } as const
      return { ...base, outcome: { kind: 'masked', failure } }
    }
    const streams = typeof member === 'number' ? {} : member
    const total = typeof member === 'number' ? member : member.cognitive + member.visual
    return {
      ...base,
      outcome: { kind: 'scored' },
      reward: { total, components: {}, items: [], extras: { ...streams } },
    }
  })
}

test('every group has one verdict, and the verdicts add up to what was drawn', () => {
  const sieve = new GroupSieve(FILTER, undefined)
  const kept = group('kept', 0.2, 0.8, 'masked')
  sieve.add([
    ...kept,
    ...group('same', 0.5, 0.5, 0.5),
    ...group('nearly', 0.5, 0.52, 0.5),
    ...group('hard', 0, 0.1, 0),
    ...group('easy', 1, 0.95, 1),
    ...group('lonely', 0.4, 'masked', 'masked'),
  ])
  sieve.add(group('refill', 0.1, 0.9))
  expect(sieve.metrics()).toEqual({
    'groups/drawn': 7,
    'groups/refills': 1,
    'groups/kept': 2,
    'groups/masked': 1,
    'groups/no_spread': 2,
    'groups/too_hard': 1,
    'groups/too_easy': 1,
  })
  expect(sieve.rollouts.map(({ id }) => id)).toEqual(['kept/0', 'kept/1', 'kept/2', 'refill/0', 'refill/1'])
})

test('where streams have baselines of their own, spread in one of them is a signal although the totals are alike', () => {
  const members = [
    { cognitive: 0.4, visual: 0.1 },
    { cognitive: 0.1, visual: 0.4 },
  ]
  const [whole, streams] = [new GroupSieve(FILTER, undefined), new GroupSieve(FILTER, STREAMS)]
  for (const sieve of [whole, streams]) sieve.add(group('a', ...members))
  expect([whole.groups, streams.groups]).toEqual([0, 1])
})

test('members that were asked for a part are compared with their own kind alone', () => {
  const [first, second, third, fourth] = group(
    'a',
    { cognitive: 0, visual: 0.5 },
    { cognitive: 0, visual: 0.5 },
    { cognitive: 0.3, visual: 0 },
    { cognitive: 0.3, visual: 0 },
  )
  const sieve = new GroupSieve(FILTER, STREAMS)
  const asked = (rollout: Rollout | undefined, scope: 'cognitive' | 'visual') =>
    ({ ...rollout, asked: [scope] }) as Rollout
  sieve.add([asked(first, 'visual'), asked(second, 'visual'), asked(third, 'cognitive'), asked(fourth, 'cognitive')])
  expect(sieve.metrics()).toMatchObject({ 'groups/no_spread': 1, 'groups/kept': 0 })
})

test('a filter that no group could pass is refused by name', () => {
  const refused = (filter: typeof FILTER, size: number) => {
    try {
      checkFilter(filter, size)
    } catch (error) {
      return error
    }
    return undefined
  }
  expect(refused(FILTER, 1)).toMatchObject({ code: 'DDA_CONFIG_INVALID', location: 'train.filter' })
  expect(refused({ ...FILTER, minMean: 0.95 }, 4)).toMatchObject({ code: 'DDA_CONFIG_INVALID' })
  expect(refused(FILTER, 2)).toBeUndefined()
})
