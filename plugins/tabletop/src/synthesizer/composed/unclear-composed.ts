import type { Split } from '@dda-thinker/plugin-api'
import type { SceneObject } from '@dda-thinker/tabletop-world'
import type { Dice } from '../../rules/dice.ts'
import { FORMS, MOST_EDITS, makeComposed } from '../../rules/composed/forms.ts'
import { CAUSES } from '../../rules/composed/pairs.ts'
import { mirror, outermost } from '../../rules/spatial.ts'
import { splitOfLayout } from '../../rules/split.ts'
import type { SubTask } from '../../rules/sub-task.ts'
import type { Draft } from '../compose/compose.ts'
import { type Idea, OUTCOMES, firstLast, opposites, outcomeOf, outcomes } from '../compose/ideas.ts'

const SENTENCES: readonly SubTask[] = [...CAUSES, outermost, mirror]

/** Words of outcomes that no cause of a composed task brings. */
const UNDOING: ReadonlySet<string> = new Set(OUTCOMES.filter((word) => word.startsWith('not ') || word === 'former'))

/** Share of ideas with an exchange. */
const EXCHANGE = 0.6

/**
 * A task of the unclear curriculum for composed tasks: two or three training sentences, a table of composed tasks that has nothing
 * to do with them, and an idea of several parts drawn without regard to them, carried out. So the base policy writes long plans well and
 * guesses what for; that guess is right by chance alone.
 */
export function unclearComposedDraft(dice: Dice, split: Split): Draft {
  for (;;) {
    const table = makeComposed(dice.pick(FORMS), dice, split)
    if (table === undefined || splitOfLayout(table.objects) !== split) continue
    const idea = drawIdea(dice, table.objects)
    if (idea === undefined) continue
    const asked = dice.sample(SENTENCES, dice.chance(0.6) ? 2 : 3)
    return {
      split,
      category: 'unclear',
      subtask: idea.clauses.length > 3 ? 'long' : 'short',
      instruction: asked.map(({ wording }) => dice.pick(wording.train)).join(' '),
      objects: table.objects,
      solution: idea.clauses,
      idea,
      demonstrate: true,
      facts: { curriculum: 'unclear-composed', idea: idea.words },
    }
  }
}

/** One idea of several parts, whatever is asked. */
export function drawIdea(dice: Dice, objects: readonly SceneObject[]): Idea | undefined {
  const exchange = dice.chance(EXCHANGE) ? (dice.chance(0.5) ? firstLast : opposites)(objects) : undefined
  const applicable = OUTCOMES.filter((word) => !UNDOING.has(word) && objects.some((o) => outcomeOf(word, o)))
  if (applicable.length === 0) return exchange
  const count = dice.chance(0.35) ? 1 : dice.chance(0.6) ? 2 : 3
  const words = new Set(dice.sample(applicable, count))
  // A word that does nothing here is heard as well: an idea is made of what a cause brings, whatever stands on the table.
  if (dice.chance(0.3)) words.add(dice.pick(OUTCOMES.filter((word) => !UNDOING.has(word))))
  const changes = outcomes(
    OUTCOMES.filter((word) => words.has(word)),
    objects,
    MOST_EDITS,
  )
  if (changes === undefined) return undefined
  const clauses = [...(exchange?.clauses ?? []), ...changes.clauses]
  if (clauses.length > MOST_EDITS) return undefined
  return { words: [exchange?.words, changes.words].filter((part) => part !== undefined).join(' '), clauses }
}
