import { expect, test } from 'vitest'
import { parsePlan } from '@dda-thinker/tabletop-world'
import { tabletopWords, wordsOf } from '../../lexicon/lexicon.ts'
import { Dice } from '../../rules/dice.ts'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import { type Draft, planTextOf } from '../compose/compose.ts'
import { unclearDraft } from './unclear.ts'

const DRAFTS: readonly Draft[] = Array.from({ length: 6000 }, (_, i) => unclearDraft(new Dice(`unclear/${i}`), 'train'))

/** Ideas that can only stand beside a sentence that names what they name. */
const NAMING = ['adjacent', 'apart', 'tally']

function sentenceOf(draft: Draft): string {
  const words = new Set(wordsOf(draft.instruction))
  return SUB_TASKS.find(({ wording }) => wording.cues.some((cue) => words.has(cue)))?.id ?? ''
}

test('sentences are those of training, never held-out ones', () => {
  const plain = (sentence: string): string => wordsOf(sentence).join(' ')
  const heldOut = new Set(SUB_TASKS.flatMap(({ wording }) => wording.heldOut).map(plain))
  expect(DRAFTS.filter((draft) => heldOut.has(plain(draft.instruction)))).toEqual([])
  const all = SUB_TASKS.map(({ id }) => id)
  expect([...new Set(DRAFTS.map(sentenceOf))]).toEqual(expect.arrayContaining(all))
})

test('an idea that names nothing is as likely beside one sentence as beside another', () => {
  // Sentences that name things, and tables with a question mark, which have questions of their own, are left out.
  const plain = DRAFTS.filter(
    (draft) =>
      !['neighbour', 'flee', 'count'].includes(sentenceOf(draft)) &&
      draft.objects.every((o) => o.kind !== 'question mark'),
  )
  const ideas = [...new Set(plain.map((draft) => draft.subtask))]
  const share = (drafts: readonly Draft[], name: string): number =>
    drafts.filter((draft) => draft.subtask === name).length / drafts.length
  for (const { id } of SUB_TASKS.filter((task) => !['neighbour', 'flee', 'count'].includes(task.id))) {
    const beside = plain.filter((draft) => sentenceOf(draft) === id)
    for (const name of ideas) {
      const expected = share(plain, name)
      const deviation = Math.sqrt((expected * (1 - expected)) / beside.length)
      expect(Math.abs(share(beside, name) - expected), `${name} beside ${id}`).toBeLessThan(
        4.5 * deviation + 1 / beside.length,
      )
    }
  }
})

test('naming ideas stand only beside sentences that name, and far from always', () => {
  for (const [name, id] of [
    ['adjacent', 'neighbour'],
    ['apart', 'flee'],
    ['tally', 'count'],
  ] as const) {
    expect(DRAFTS.filter((draft) => draft.subtask === name && sentenceOf(draft) !== id)).toEqual([])
    const beside = DRAFTS.filter((draft) => sentenceOf(draft) === id)
    const named = beside.filter((draft) => draft.subtask === name).length
    expect(named / beside.length).toBeGreaterThan(0.1)
    expect(named / beside.length).toBeLessThan(0.4)
    expect(beside.filter((draft) => NAMING.includes(draft.subtask) && draft.subtask !== name)).toEqual([])
  }
})

test('plans read back as their clauses, in words that the vocabulary has', () => {
  const lexicon = new Set(tabletopWords())
  for (const draft of DRAFTS) {
    const text = planTextOf(draft.objects, draft.solution, draft.idea)
    expect(text.startsWith(`<look> ${draft.idea?.words} : `)).toBe(true)
    const plan = parsePlan(/<plan>(.*)<\/plan>/.exec(text)?.[1] ?? '')
    expect(plan.unknown).toEqual([])
    expect(plan.clauses.map(({ clause }) => clause)).toEqual(draft.solution)
    expect([...wordsOf(draft.instruction), ...wordsOf(text)].filter((word) => !lexicon.has(word))).toEqual([])
  }
})
