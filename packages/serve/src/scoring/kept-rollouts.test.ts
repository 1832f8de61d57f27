import type { Rollout } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { KeptRollouts } from './kept-rollouts.ts'

const rollout = (id: string): Rollout => ({ id, verdicts: [], outcome: { kind: 'scored' } }) as unknown as Rollout

test('what was kept is found as it was, and as one object from then on', () => {
  const kept = new KeptRollouts(10)
  kept.set('a', rollout('1'))
  expect(kept.has('a')).toBe(true)
  expect(kept.get('a')).toEqual(rollout('1'))
  expect(kept.get('a')).toBe(kept.get('a'))
  expect(kept.get('b')).toBeUndefined()
})

test('a newer result takes the place of one that was asked for again', () => {
  const kept = new KeptRollouts(10)
  kept.set('a', rollout('1'))
  kept.get('a')
  kept.set('a', rollout('2'))
  expect(kept.get('a')?.id).toBe('2')
})

test('what has not been asked for longest goes first, also where its object is there still', () => {
  const kept = new KeptRollouts(2)
  for (const id of ['a', 'b']) kept.set(id, rollout(id))
  kept.get('b')
  kept.get('a')
  kept.set('c', rollout('c'))
  expect([kept.has('a'), kept.get('b'), kept.has('c')]).toEqual([true, undefined, true])
})
