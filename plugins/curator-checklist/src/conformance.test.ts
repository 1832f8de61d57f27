import type { ChecklistItem, CurationContext, Rollout, Sample, Verdict } from '@dda-thinker/plugin-api'
import {
  collect,
  curatorSuite,
  makeContext,
  makeItem,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  makeVerdict,
  MemoryShelf,
  testPluginOptions,
} from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import plugin, { checklistCurator, type ChecklistOptions, findItems, REASONS } from './index.ts'

const DEFAULTS: ChecklistOptions = { rollouts: 4, minAnswers: 4, maxUnsure: 0.25, minInformative: 1, window: 3 }

describe('defaults', () => {
  curatorSuite({ test, factory: () => checklistCurator(DEFAULTS) })
})

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { rollouts: 16, minInformative: 0 } }],
  invalid: [
    { options: { rollouts: 1 }, code: 'DDA_CONFIG_INVALID', at: 'rollouts' },
    { options: { maxUnsure: 2 }, code: 'DDA_CONFIG_INVALID', at: 'maxUnsure' },
    { options: { minimum: 1 }, code: 'DDA_CONFIG_INVALID', at: 'minimum' },
  ],
})

const ANSWERS: Readonly<Record<string, Verdict['answer'] | undefined>> = { y: 'yes', n: 'no', u: 'unsure' }

/** Rollouts whose verdicts are written one letter a rollout: yes, no, unsure, `-` for not asked. */
function rolloutsOf(answers: Readonly<Record<string, string>>): Rollout[] {
  const length = Math.max(...Object.values(answers).map((text) => text.length))
  return Array.from({ length }, (_, member) => {
    const verdicts = Object.entries(answers).flatMap(([id, text]) => {
      const answer = ANSWERS[text[member] ?? '-']
      return answer === undefined ? [] : [makeVerdict(id, answer)]
    })
    return makeRollout(makePlan('Plan: wait', { id: `${member}` }), 0.5, { member, verdicts })
  })
}

const find = (items: readonly ChecklistItem[], answers: Readonly<Record<string, string>>) =>
  findItems(items, rolloutsOf(answers), DEFAULTS)

test('finds items that are always or never passed, by what is expected of them', () => {
  const items = [
    makeItem('always', 'visual'),
    makeItem('never', 'visual'),
    makeItem('never-by-no', 'visual', { expected: 'no' }),
    makeItem('kept-as-it-was', 'visual', { aspect: 'preservation' }),
    makeItem('telling', 'visual'),
  ]
  const answers = { always: 'yyyy', never: 'nnnn', 'never-by-no': 'yyyy', 'kept-as-it-was': 'yyyy', telling: 'ynny' }
  expect(find(items, answers)).toEqual({
    measured: 5,
    informative: 1,
    findings: [
      { itemId: 'always', finding: 'always-passed' },
      { itemId: 'never', finding: 'never-passed' },
      { itemId: 'never-by-no', finding: 'never-passed' },
    ],
  })
})

test('finds items that repeat another of their scope, and items that the judge cannot decide', () => {
  const items = ['a', 'b', 'c', 'd'].map((id) => makeItem(id, id === 'c' ? 'cognitive' : 'visual'))
  expect(find(items, { a: 'ynyn', b: 'ynyn', c: 'ynyn', d: 'yuun' })).toEqual({
    measured: 4,
    informative: 3,
    findings: [
      { itemId: 'b', finding: 'redundant', with: 'a' },
      { itemId: 'd', finding: 'undecided' },
    ],
  })
})

test('says nothing of items with too few answers, nor counts masked rollouts', () => {
  const items = [makeItem('a', 'visual'), makeItem('gated', 'visual')]
  const masked = makeMaskedRollout(makePlan('Plan: wait'), 'server', { verdicts: [makeVerdict('gated', 'no')] })
  const rollouts = [...rolloutsOf({ a: 'yyyn', gated: 'nnn-' }), masked]
  expect(findItems(items, rollouts, DEFAULTS)).toEqual({ measured: 1, informative: 1, findings: [] })
})

test('drops samples whose checklist tells no plans apart, with what it found', async () => {
  const answers: Readonly<Record<string, string>> = { good: 'ynyn', silent: 'yyyy', new: 'y---' }
  const context: CurationContext = {
    ...makeContext(),
    shelf: new MemoryShelf(),
    tryRollouts: async ({ id }) => rolloutsOf({ picture: answers[id] ?? '' }),
  }
  async function* samples(): AsyncIterable<Sample> {
    for (const id of Object.keys(answers)) yield makeSample({ id })
    yield makeSample({ id: 'unseen', split: 'held-out' })
  }
  const decisions = await collect(checklistCurator(DEFAULTS).curate(samples(), context))
  expect(decisions.map(({ sample, kept, reason, findings }) => [sample.id, kept, reason, findings])).toEqual([
    ['good', true, REASONS.kept, undefined],
    ['silent', false, REASONS.silent, [{ itemId: 'picture', finding: 'always-passed' }]],
    ['new', true, REASONS.unmeasured, undefined],
    ['unseen', true, REASONS.heldOut, undefined],
  ])
})
