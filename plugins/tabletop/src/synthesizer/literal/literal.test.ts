import { COLUMN_NAMES, KINDS, SIZES, STATES, parsePlan, statesOf } from '@dda-thinker/tabletop-world'
import { describe, expect, test } from 'vitest'
import { tabletopWords, wordsOf } from '../../lexicon/lexicon.ts'
import { Dice } from '../../rules/dice.ts'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import { type Draft, planTextOf } from '../compose/compose.ts'
import { checklistOf } from '../compose/checklist.ts'
import { literalDraft } from './literal.ts'

const DRAFTS: readonly Draft[] = Array.from({ length: 6000 }, (_, i) =>
  literalDraft(new Dice(`literal/${i}`), i % 5 === 0 ? 'held-out' : 'train', i),
)
const CLAUSES = DRAFTS.flatMap((draft) => draft.solution)

describe('no reasoning in the literal curriculum', () => {
  test('no cue of any sub-task occurs', () => {
    const cues = new Set(SUB_TASKS.flatMap((task) => task.wording.cues))
    for (const { instruction } of DRAFTS) expect(wordsOf(instruction).filter((word) => cues.has(word))).toEqual([])
  })

  test('no sentence of any sub-task occurs', () => {
    const sentences = new Set(SUB_TASKS.flatMap(({ wording }) => [...wording.train, ...wording.heldOut]))
    expect(DRAFTS.filter((draft) => sentences.has(draft.instruction))).toEqual([])
  })
})

describe('it covers the plan language', () => {
  test('every operation, with one to three clauses', () => {
    expect(new Set(CLAUSES.map((clause) => clause.op))).toEqual(
      new Set(['turn', 'replace', 'remove', 'swap', 'move', 'add', 'resize']),
    )
    expect(new Set(DRAFTS.map((draft) => draft.solution.length))).toEqual(new Set([1, 2, 3]))
  })

  test('every kind on the table, and named in edits', () => {
    const seen = new Set(DRAFTS.flatMap((draft) => draft.objects.map((o) => o.kind)))
    expect(KINDS.filter((kind) => !seen.has(kind.name))).toEqual([])
    const named = new Set(CLAUSES.map((clause) => (clause.op === 'add' ? clause.thing.kind : clause.target.kind)))
    expect(KINDS.filter((kind) => !named.has(kind.name)).map((kind) => kind.name)).toEqual([])
  })

  test('every state of every kind is brought about, those of held-out combinations too', () => {
    const made = new Set(CLAUSES.map((clause) => (clause.op === 'turn' ? `${clause.target.kind} ${clause.state}` : '')))
    const all = KINDS.flatMap((kind) => statesOf(kind).map((state) => `${kind.name} ${state.name}`))
    const missing = all.filter((combination) => !made.has(combination))
    expect(missing).toEqual([])
    expect(STATES.every((state) => [...made].some((m) => m.endsWith(state.name)))).toBe(true)
  })

  test('every one-off mapping, every number for the question mark', () => {
    const made = new Set(
      CLAUSES.map((clause) => (clause.op === 'replace' ? `${clause.target.kind} ${clause.by.kind}` : '')),
    )
    const pairs = SUB_TASKS.flatMap((task) => task.becomes ?? []).map(([from, to]) => `${from} ${to}`)
    const numbers = KINDS.filter((kind) => kind.category === 'number').map((kind) => `question mark ${kind.name}`)
    expect([...pairs, ...numbers].filter((pair) => !made.has(pair))).toEqual([])
  })

  test('every place and size', () => {
    for (const op of ['move', 'add'] as const) {
      const columns = CLAUSES.map((clause) =>
        clause.op === 'move' ? clause.to.column : clause.op === 'add' ? clause.at.column : undefined,
      )
      expect(
        COLUMN_NAMES.every((_, column) => columns.some((c) => c === column)),
        op,
      ).toBe(true)
    }
    const sizes = new Set(CLAUSES.flatMap((clause) => (clause.op === 'resize' ? clause.size : [])))
    expect(sizes).toEqual(new Set(Object.keys(SIZES)))
  })
})

test('demonstrations are plans that read back whole; instructions stay short; all words are in the lexicon', () => {
  const lexicon = new Set(tabletopWords())
  for (const { objects, solution, instruction } of DRAFTS) {
    const text = planTextOf(objects, solution)
    const plan = parsePlan(/<plan>(.*)<\/plan>/.exec(text)?.[1] ?? '')
    expect(plan.unknown).toEqual([])
    expect(plan.clauses.map(({ clause }) => clause)).toEqual(solution)
    expect(instruction.split(' ').length).toBeLessThanOrEqual(24)
    expect(
      [...wordsOf(instruction), ...wordsOf(text)].filter((word) => !lexicon.has(word)),
      instruction,
    ).toEqual([])
  }
})

test('checklists have three to six items in each scope', () => {
  for (const { objects, solution } of DRAFTS.slice(0, 1500)) {
    const checklist = checklistOf(objects, solution)
    for (const scope of ['cognitive', 'visual'] as const) {
      const count = checklist.filter((item) => item.scope === scope).length
      expect(count, JSON.stringify(solution)).toBeGreaterThanOrEqual(3)
      expect(count).toBeLessThanOrEqual(6)
    }
  }
})
