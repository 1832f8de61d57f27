import type { ChecklistItem, Edit, Editor, Sample, Split } from '@dda-thinker/plugin-api'
import { makeContext } from '@dda-thinker/testkit'
import {
  type Clause,
  type SceneObject,
  openWorld,
  printPlan,
  statesOf,
  kindOf,
  tabletopEditor,
} from '@dda-thinker/tabletop-world'
import { beforeAll, expect, test } from 'vitest'
import { TabletopJudge } from '../judge/judge.ts'
import { Dice } from '../rules/dice.ts'
import { SUB_TASKS } from '../rules/sub-tasks.ts'
import { mentionOf } from '../rules/table.ts'
import { type Draft, compose } from './compose/compose.ts'
import { literalDraft } from './literal/literal.ts'
import { reasoningDraft } from './compose/reasoning.ts'

const context = makeContext()
const signal = context.signal
const judge = new TabletopJudge(['cognitive', 'visual'])
const editor: Editor = tabletopEditor({ fingerprint: 'oracle', jitter: 1, missRate: 0 })

beforeAll(async () => {
  await judge.open(context)
  await editor.open?.(context)
})

interface Case {
  readonly draft: Draft
  readonly sample: Sample
}

async function makeCase(key: string, draw: (dice: Dice) => Draft): Promise<Case> {
  const dice = new Dice(key)
  const draft = draw(dice)
  return { draft, sample: await compose(draft, dice, 1, await openWorld(), context.images) }
}

/** Edits by the plan and asks the judge: the items that did not pass, by scope. */
async function failures(sample: Sample, plan: string): Promise<{ cognitive: string[]; visual: string[] }> {
  const { bytes } = await editor.edit({ images: sample.images, plan, seed: 3 }, { signal })
  const edited: Edit['image'] = await context.images.put(bytes)
  const of = (scope: ChecklistItem['scope']): ChecklistItem[] => sample.checklist.filter((item) => item.scope === scope)
  const [cognitive, visual] = [of('cognitive'), of('visual')]
  const verdicts = [
    ...(await judge.judge({ scope: 'cognitive', instruction: sample.instruction, plan, items: cognitive }, { signal })),
    ...(await judge.judge({ scope: 'visual', source: sample.images, edited, items: visual }, { signal })),
  ]
  const wrong = (items: ChecklistItem[]): string[] =>
    items.flatMap((item) => {
      const verdict = verdicts.find((v) => v.itemId === item.id)
      return verdict?.answer === item.expected ? [] : `${item.question} ${item.expected}: ${verdict?.reason}`
    })
  return { cognitive: wrong(cognitive), visual: wrong(visual) }
}

/** Plans that are not the solution: unchanged, wrong result, wrong thing, and the solution with one thing ruined. */
function wrongPlans(draft: Draft): Record<string, readonly Clause[]> {
  const { objects, solution } = draft
  const named = new Set(
    solution.flatMap((c) => (c.op === 'add' ? [] : c.op === 'swap' ? [c.target.kind, c.other.kind] : [c.target.kind])),
  )
  const once = objects.filter((o) => objects.every((other) => other === o || other.kind !== o.kind))
  const bystander = once.find((o) => !named.has(o.kind))
  const plans: Record<string, readonly Clause[]> = { nothing: [] }
  if (solution.length > 1) plans['the first half only'] = solution.slice(0, -1)
  if (bystander !== undefined) {
    plans['a bystander is removed too'] = [...solution, { op: 'remove', target: mentionOf(bystander) }]
    plans['only a bystander is removed'] = [{ op: 'remove', target: mentionOf(bystander) }]
    plans['a bystander is resized too'] = [
      ...solution,
      { op: 'resize', target: mentionOf(bystander), size: bystander.size === 'small' ? 'large' : 'small' },
    ]
  }
  const wrong = solution.map((clause) => wrongResult(clause, objects))
  if (wrong.every((clause) => clause !== undefined)) plans['wrong results'] = wrong
  return plans
}

function wrongResult(clause: Clause, objects: readonly SceneObject[]): Clause | undefined {
  switch (clause.op) {
    case 'turn': {
      const kind = kindOf(clause.target.kind)
      const other = kind && statesOf(kind).find((s) => s.name !== clause.state && s.name !== clause.target.state)
      return other && { ...clause, state: other.name }
    }
    case 'replace':
      return { ...clause, by: { kind: clause.by.kind === 'shards' ? 'ash' : 'shards' } }
    case 'remove':
      return { op: 'resize', target: clause.target, size: 'small' }
    case 'swap':
      return { op: 'remove', target: clause.target }
    case 'move':
      return { op: 'remove', target: clause.target }
    case 'add': {
      const other = objects.find((o) => o.kind !== clause.thing.kind)
      return other && { ...clause, thing: { kind: other.kind } }
    }
    default:
      return undefined
  }
}

const PER_SPLIT = 5
/** Of these, so many are also tried with every wrong plan. */
const WITH_WRONG_PLANS = 2

test.each(SUB_TASKS.map((task, i) => [task.id, i] as const))(
  '%s: the solution passes every item, other plans do not',
  async (_id, index) => {
    for (const split of ['train', 'held-out'] as const satisfies readonly Split[]) {
      for (let i = 0; i < PER_SPLIT; i++) {
        const { draft, sample } = await makeCase(`${split}/${index}/${i}`, (dice) => reasoningDraft(dice, split, index))
        const solution = printPlan(draft.solution)
        const right = await failures(sample, solution)
        expect([...right.cognitive, ...right.visual], `${sample.instruction} | ${solution}`).toEqual([])
        for (const scope of ['cognitive', 'visual'] as const) {
          const items = sample.checklist.filter((item) => item.scope === scope)
          expect(items.length).toBeGreaterThanOrEqual(3)
          expect(items.length).toBeLessThanOrEqual(6)
          expect(items.some((item) => item.expected === 'no')).toBe(true)
        }
        for (const [name, clauses] of Object.entries(i < WITH_WRONG_PLANS ? wrongPlans(draft) : { nothing: [] })) {
          const wrong = await failures(sample, printPlan(clauses))
          expect(wrong.cognitive.length, `${name}, cognitive: ${sample.instruction}`).toBeGreaterThan(0)
          expect(wrong.visual.length, `${name}, visual: ${sample.instruction} | ${printPlan(clauses)}`).toBeGreaterThan(
            0,
          )
          if (name === 'nothing') {
            const passed = sample.checklist.length - wrong.cognitive.length - wrong.visual.length
            expect(passed / sample.checklist.length, sample.instruction).toBeLessThanOrEqual(1 / 3)
          }
        }
        // The raw instruction, sent to the Editor in place of a plan: it is no edit, so nothing is solved.
        const raw = await failures(sample, sample.instruction)
        expect(raw.cognitive.length + raw.visual.length, sample.instruction).toBeGreaterThan(0)
      }
    }
  },
)

test('demonstrations of the literal curriculum pass every item of their samples', async () => {
  for (let i = 0; i < 150; i++) {
    const { draft, sample } = await makeCase(`literal/${i}`, (dice) => literalDraft(dice, 'train', i))
    const plan = /<plan>(.*)<\/plan>/.exec(sample.demonstration ?? '')?.[1] ?? ''
    const { cognitive, visual } = await failures(sample, plan)
    expect([...cognitive, ...visual], `${sample.instruction} | ${printPlan(draft.solution)}`).toEqual([])
  }
})
