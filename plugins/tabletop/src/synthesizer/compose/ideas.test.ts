import type { SceneObject } from '@dda-thinker/tabletop-world'
import { expect, test } from 'vitest'
import { tabletopWords, wordsOf } from '../../lexicon/lexicon.ts'
import { Dice } from '../../rules/dice.ts'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import { reasoningDraft } from './reasoning.ts'
import { planTextOf } from './compose.ts'
import { GROUPS } from '../../rules/logical.ts'
import { IDEA_WORDS, type Idea, OUTCOMES, adjacent, apart, outcomes, suggestions, tally } from './ideas.ts'

/** The outcomes that a cause brings: what reinforcement learning has to find out. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  month: ['rotten', 'wilted', 'melted', 'adult'],
  hours: ['melted'],
  years: ['adult'],
  past: ['not rotten', 'not rusty', 'former'],
  century: ['rusty'],
  rain: ['wet'],
  drop: ['cracked'],
  heat: ['burnt', 'melted', 'cooked'],
  freeze: ['frozen'],
  water: ['not wilted'],
}

function allIdeas(objects: readonly SceneObject[]): readonly Idea[] {
  const pairs = objects.flatMap((a) => objects.filter((b) => b !== a).map((b) => apart(a, b, objects)))
  const beside = objects.flatMap((o) => [adjacent('left', o, objects), adjacent('right', o, objects)])
  const tallies = GROUPS.map((group) => tally(group, objects))
  return [...suggestions(objects), ...[...pairs, ...beside, ...tallies].flatMap((idea) => idea ?? [])]
}

test.each(SUB_TASKS.map((task, i) => [task.id, i] as const))('%s: there is an idea that solves it', (id, index) => {
  for (let i = 0; i < 100; i++) {
    const { objects, solution } = reasoningDraft(new Dice(`${id}/${i}`), i % 2 === 0 ? 'train' : 'held-out', index)
    const causes = CAUSES[id]
    const ideas =
      causes === undefined
        ? allIdeas(objects)
        : [
            outcomes(
              OUTCOMES.filter((word) => causes.includes(word)),
              objects,
            ) ?? { words: '', clauses: [] },
          ]
    expect(ideas.map(({ clauses }) => clauses)).toContainEqual(solution)
  }
})

test('no word of an idea occurs in an instruction, so that none can be copied from one', () => {
  const sentences = SUB_TASKS.flatMap(({ wording }) => [...wording.train, ...wording.heldOut])
  const words = new Set(sentences.flatMap(wordsOf))
  expect(IDEA_WORDS.filter((idea) => words.has(idea))).toEqual([])
  expect(IDEA_WORDS.flatMap(wordsOf).filter((word) => !tabletopWords().includes(word))).toEqual([])
})

const thing = (kind: string, column: 0 | 1 | 2 | 3 | 4, size: SceneObject['size'] = 'medium'): SceneObject => ({
  kind,
  column,
  size,
  row: 'front',
  dx: 0,
  dy: 0,
})

test('what an idea concerns is marked, and sizes are listed where they matter', () => {
  const table = [thing('cup', 0, 'large'), thing('car', 2, 'medium'), thing('hat', 3, 'small')]
  const rank = suggestions(table).find(({ words }) => words === 'rank things')
  expect(planTextOf(table, rank?.clauses ?? [], rank)).toBe(
    '<look> rank things : large cup * - medium car small hat * - </look> <plan> swap the cup and the hat </plan>',
  )
  const gone = adjacent('left', table[2] as SceneObject, table)
  expect(planTextOf(table, gone?.clauses ?? [], gone)).toBe(
    '<look> adjacent left hat : cup - car * hat * - </look> <plan> remove the car </plan>',
  )
  expect(adjacent('left', table[1] as SceneObject, table)).toBeUndefined()
})

test('groups are listed where they tell the odd one', () => {
  const table = [thing('axe', 0), thing('bucket', 1), thing('hibiscus', 2), thing('saw', 4)]
  const odd = suggestions(table).find(({ words }) => words === 'minority')
  expect(planTextOf(table, odd?.clauses ?? [], odd)).toBe(
    '<look> minority : axe tools bucket tools hibiscus flowers * - saw tools </look> <plan> remove the hibiscus </plan>',
  )
})

test('outcomes change what they can befall and nothing else', () => {
  const table = [thing('banana', 0), thing('ice', 1), { ...thing('hammer', 2), state: 'rusty' }, thing('axe', 4)]
  expect(outcomes(['rotten', 'melted'], table)?.clauses).toEqual([
    { op: 'turn', target: { kind: 'banana' }, state: 'rotten' },
    { op: 'replace', target: { kind: 'ice' }, by: { kind: 'puddle' } },
  ])
  expect(outcomes(['not rusty'], table)?.clauses).toEqual([
    { op: 'turn', target: { kind: 'hammer', state: 'rusty' }, state: 'ordinary' },
  ])
  expect(outcomes(['wilted'], table)).toBeUndefined()
})
