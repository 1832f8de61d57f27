import type { Split } from '@dda-thinker/plugin-api'
import type { Category, SceneObject } from '@dda-thinker/tabletop-world'
import { CATEGORY_PLURALS } from '@dda-thinker/tabletop-world'
import type { Dice } from '../../rules/dice.ts'
import { GROUPS } from '../../rules/logical.ts'
import { splitOfLayout } from '../../rules/split.ts'
import type { SubTask } from '../../rules/sub-task.ts'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import { QUESTION_MARK } from '../../rules/table.ts'
import type { Draft } from '../compose/compose.ts'
import { fill } from '../compose/reasoning.ts'
import { type Idea, OUTCOMES, adjacent, apart, outcomeOf, outcomes, suggestions, tally } from '../compose/ideas.ts'

/** Tables whose ideas are harder to carry out are shown more often. Every other sub-task counts 1. */
const TABLES: Readonly<Record<string, number>> = {
  'odd-one-out': 7,
  'line-up': 7,
  count: 5,
  sum: 3,
  neighbour: 3,
  flee: 2,
  mirror: 2,
  past: 3,
  'number-order': 2,
  years: 2,
  freeze: 2,
  hours: 1.5,
  heat: 1.5,
  water: 1.5,
}

/** Sentences that name things: only beside them can ideas name things. */
const SENTENCES: Readonly<Record<string, number>> = { neighbour: 8, flee: 8 }

const NAMING = 0.35
/** Share of sentences that are two halves or have gaps: what a policy cannot read should not have to be a sentence it knows. */
const BROKEN = 0.5
/** Ideas that nearly every table allows. */
const PLAIN: ReadonlySet<string> = new Set(['first last', 'opposites'])
/** Outcomes that many kinds of things have. */
const COMMON: ReadonlySet<string> = new Set('rotten wilted wet burnt frozen cracked rusty dusty'.split(' '))

/** Against 1 for each other idea that the table suggests. */
const OUTCOME_WEIGHT = 2

/**
 * A task of the unclear curriculum: a sentence whose meaning is not to be learnt from it. An idea that the table allows is
 * drawn without regard to the sentence, and the demonstration carries that idea out. So the base policy answers what it
 * does not understand with some plausible idea, carried out well; which idea a sentence calls for is left to the rewards.
 * An idea can name only what the sentence names, though, and is likelier beside such a sentence.
 */
export function unclearDraft(dice: Dice, split: Split): Draft {
  for (;;) {
    const table = weighted(dice, TABLES).make(dice, split)
    if (table === undefined || splitOfLayout(table.objects) !== split) continue
    const { objects } = table
    const counts = objects.some((o) => o.kind === QUESTION_MARK) && dice.chance(0.8)
    const asked = counts ? subTask('count') : weighted(dice, SENTENCES)
    const { slots, naming } = names(dice, asked.id, objects)
    const idea = naming !== undefined && dice.chance(NAMING) ? naming : plainIdea(dice, objects)
    if (idea === undefined) continue
    return {
      split,
      category: 'unclear',
      subtask: idea.words.split(' ')[0] ?? 'unclear',
      instruction: fill(sentence(dice, asked), slots),
      objects,
      solution: idea.clauses,
      idea,
      demonstrate: true,
      facts: { curriculum: 'unclear', kinds: objects.map((o) => o.kind).join(', ') },
    }
  }
}

/** A sentence of the sub-task or, where it names nothing, often one half of it and one of another, or one that lacks words. */
function sentence(dice: Dice, asked: SubTask): string {
  const whole = dice.pick(asked.wording.train)
  if (whole.includes('{') || !dice.chance(BROKEN)) return whole
  const words = whole.split(' ')
  if (dice.chance(0.5)) return words.filter(() => !dice.chance(0.2)).join(' ') || whole
  const other = dice.pick(dice.pick(SUB_TASKS).wording.train).split(' ')
  if (other.some((word) => word.includes('{'))) return whole
  return [...words.slice(0, Math.ceil(words.length / 2)), ...other.slice(Math.floor(other.length / 2))].join(' ')
}

function subTask(id: string): SubTask {
  return SUB_TASKS.find((task) => task.id === id) as SubTask
}

function weighted(dice: Dice, weights: Readonly<Record<string, number>>): SubTask {
  return dice.weighted(SUB_TASKS, ({ id }) => weights[id] ?? 1)
}

interface Naming {
  readonly slots: Readonly<Record<string, string>>
  readonly naming?: Idea | undefined
}

/** Fills for a sentence, with the idea that its names allow; without one where no names were found that allow any. */
function names(dice: Dice, id: string, objects: readonly SceneObject[]): Naming {
  let found = drawNames(dice, id, objects)
  for (let tries = 0; found.naming === undefined && tries < 6; tries++) found = drawNames(dice, id, objects)
  return found
}

function drawNames(dice: Dice, id: string, objects: readonly SceneObject[]): Naming {
  const [a, b] = dice.sample(objects, 2) as [SceneObject, SceneObject]
  const side = dice.pick(['left', 'right'] as const)
  const group: Category = dice.pick(GROUPS)
  const slots = { a: a.kind, b: b.kind, side, category: CATEGORY_PLURALS[group] }
  if (new Set(objects.map((o) => o.kind)).size < objects.length) return { slots }
  const ideas: Readonly<Record<string, () => Idea | undefined>> = {
    neighbour: () => adjacent(side, a, objects),
    flee: () => apart(a, b, objects),
    count: () => tally(group, objects),
  }
  return { slots, naming: ideas[id]?.() }
}

function plainIdea(dice: Dice, objects: readonly SceneObject[]): Idea | undefined {
  const suggested = suggestions(objects)
  const applicable = OUTCOMES.filter((word) => objects.some((o) => outcomeOf(word, o) !== undefined))
  const unique = new Set(objects.map((o) => o.kind)).size === objects.length
  const weight = applicable.length === 0 || !unique ? 0 : OUTCOME_WEIGHT
  const draw = suggested.filter(({ words }) => !PLAIN.has(words) || dice.chance(0.7))
  if (dice.unit() * (draw.length + weight) >= weight) return draw.length === 0 ? undefined : dice.pick(draw)
  return outcomes(drawOutcomes(dice, applicable), objects)
}

/** One word that does something, often with others, which may do nothing here. Those that fit few things come up sooner. */
function drawOutcomes(dice: Dice, applicable: readonly string[]): readonly string[] {
  const weighed = applicable.flatMap((word) => (COMMON.has(word) ? [word] : [word, word, word]))
  const words = new Set([dice.pick(weighed)])
  const count = dice.chance(0.55) ? 1 : dice.chance(0.7) ? 2 : 3
  while (words.size < count) words.add(dice.pick(dice.chance(0.5) ? applicable : OUTCOMES))
  return OUTCOMES.filter((word) => words.has(word))
}
