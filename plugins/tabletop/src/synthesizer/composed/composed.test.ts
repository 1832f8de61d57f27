import type { ChecklistItem, Sample, Split } from '@dda-thinker/plugin-api'
import { type Clause, openWorld, parsePlan, printPlan, tabletopEditor } from '@dda-thinker/tabletop-world'
import { makeContext } from '@dda-thinker/testkit'
import { beforeAll, expect, test } from 'vitest'
import { TabletopJudge } from '../../judge/judge.ts'
import { tabletopWords, wordsOf } from '../../lexicon/lexicon.ts'
import { Dice } from '../../rules/dice.ts'
import { FORMS } from '../../rules/composed/forms.ts'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import { mentionOf } from '../../rules/table.ts'
import { touchedBy } from '../compose/checklist.ts'
import { type Draft, compose, planTextOf } from '../compose/compose.ts'
import { composedDraft } from './composed.ts'
import { unclearComposedDraft } from './unclear-composed.ts'

const context = makeContext()
const { signal } = context
const judge = new TabletopJudge(['cognitive', 'visual'])
const editor = tabletopEditor({ fingerprint: 'composed', jitter: 1 })

beforeAll(async () => {
  await judge.open(context)
  await editor.open?.(context)
})

async function draw(key: string, split: Split, index: number): Promise<{ draft: Draft; sample: Sample }> {
  const dice = new Dice(key)
  const draft = composedDraft(dice, split, index)
  return { draft, sample: await compose(draft, dice, 1, await openWorld(), context.images) }
}

/** The share of the items that pass, of each scope. */
async function passed(sample: Sample, clauses: readonly Clause[]): Promise<{ cognitive: number; visual: number }> {
  const plan = printPlan(clauses)
  const { bytes } = await editor.edit({ images: sample.images, plan, seed: 3 }, { signal })
  const edited = await context.images.put(bytes)
  const of = (scope: ChecklistItem['scope']): ChecklistItem[] => sample.checklist.filter((item) => item.scope === scope)
  const [items, others] = [of('cognitive'), of('visual')]
  const [cognitive, visual] = [
    await judge.judge({ scope: 'cognitive', instruction: sample.instruction, plan, items }, { signal }),
    await judge.judge({ scope: 'visual', source: sample.images, edited, items: others }, { signal }),
  ]
  const share = (list: readonly ChecklistItem[], verdicts: typeof cognitive): number =>
    list.filter(({ id, expected }) => verdicts.find((v) => v.itemId === id)?.answer === expected).length / list.length
  return { cognitive: share(items, cognitive), visual: share(others, visual) }
}

/** Plans that are right in part, or in nothing. */
function wrongPlans({ objects, solution }: Draft): Readonly<Record<string, readonly Clause[]>> {
  const bystander = objects.find((o) => !touchedBy(objects, solution).includes(o))
  return {
    'without its last edit': solution.slice(0, -1),
    'without its first edit': solution.slice(1),
    ...(bystander && { 'with a bystander removed': [...solution, { op: 'remove', target: mentionOf(bystander) }] }),
    'wrong things': objects.slice(0, 3).map((o): Clause => ({ op: 'resize', target: mentionOf(o), size: 'large' })),
  }
}

test.each(FORMS.map(({ id }, i) => [id, i] as const))(
  '%s: the solution passes every item, parts of it some',
  async (_id, i) => {
    for (const split of ['train', 'held-out'] as const) {
      for (let k = 0; k < 6; k++) {
        const { draft, sample } = await draw(`${split}/${i}/${k}`, split, i)
        const says = `${sample.instruction} | ${printPlan(draft.solution)}`
        expect(await passed(sample, draft.solution), says).toEqual({ cognitive: 1, visual: 1 })
        for (const scope of ['cognitive', 'visual'] as const) {
          const count = sample.checklist.filter((item) => item.scope === scope).length
          expect(count).toBeGreaterThanOrEqual(6)
          expect(count).toBeLessThanOrEqual(12)
        }
        for (const [name, clauses] of Object.entries(k < 2 ? wrongPlans(draft) : {})) {
          const part = await passed(sample, clauses)
          expect(part.cognitive, `${name}, cognitive: ${says}`).toBeLessThan(1)
          expect(part.visual, `${name}, visual: ${says}`).toBeLessThan(1)
          if (name.startsWith('without')) expect(Math.min(part.cognitive, part.visual)).toBeGreaterThan(0.3)
        }
        const nothing = await passed(sample, [])
        expect(Math.max(nothing.cognitive, nothing.visual), says).toBeLessThanOrEqual(1 / 3)
      }
    }
  },
)

test('sentences are those of the rules at work, of the split, in words that the vocabulary has', () => {
  const lexicon = new Set(tabletopWords())
  for (const split of ['train', 'held-out'] as const) {
    for (let i = 0; i < 100; i++) {
      const { instruction, facts } = composedDraft(new Dice(`words/${split}/${i}`), split, i)
      const wordings = String(facts['wording']).split(', ')
      const sentences = wordings.map((name) => {
        const [id, of, index] = name.split('/')
        expect(of).toBe(split)
        const wording = SUB_TASKS.find((task) => task.id === id)?.wording
        return (split === 'train' ? wording?.train : wording?.heldOut)?.[Number(index)]
      })
      expect(instruction).toBe(sentences.join(' '))
      expect(wordsOf(instruction).filter((word) => !lexicon.has(word))).toEqual([])
    }
  }
})

test('the unclear curriculum carries out long plans that its sentences do not tell', () => {
  const drafts = Array.from({ length: 1500 }, (_, i) => unclearComposedDraft(new Dice(`unclear/${i}`), 'train'))
  for (const draft of drafts) {
    const plan = parsePlan(/<plan>(.*)<\/plan>/.exec(planTextOf(draft.objects, draft.solution, draft.idea))?.[1] ?? '')
    expect(plan.unknown).toEqual([])
    expect(plan.clauses.map(({ clause }) => clause)).toEqual(draft.solution)
  }
  const share = (list: readonly Draft[], word: string): number =>
    list.filter(({ idea }) => idea?.words.split(' ').includes(word)).length / list.length
  for (const [cue, word] of [
    ['rain', 'wet'],
    ['floor', 'cracked'],
    ['freezer', 'frozen'],
    ['ends', 'first'],
  ] as const) {
    const beside = drafts.filter(({ instruction }) => wordsOf(instruction).includes(cue))
    const all = share(drafts, word)
    const deviation = Math.sqrt((all * (1 - all)) / beside.length)
    expect(Math.abs(share(beside, word) - all), `${word} beside ${cue}`).toBeLessThan(4.5 * deviation)
  }
  const long = drafts.filter(({ solution }) => solution.length >= 4).length / drafts.length
  expect(long).toBeGreaterThan(0.2)
})
