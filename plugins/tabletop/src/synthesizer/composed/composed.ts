import type { Split } from '@dda-thinker/plugin-api'
import type { Dice } from '../../rules/dice.ts'
import { type ComposedTask, FORMS, MOST_EDITS, makeComposed } from '../../rules/composed/forms.ts'
import { splitOfLayout } from '../../rules/split.ts'
import type { Draft } from '../compose/compose.ts'
import { OUTCOMES, outcomes } from '../compose/ideas.ts'
import { fill } from '../compose/reasoning.ts'
import { composedChecklist } from './checklist.ts'

/** The `index`-th task of several rules of a split: forms take turns. */
export function composedDraft(dice: Dice, split: Split, index: number): Draft {
  const form = FORMS[index % FORMS.length]
  if (form === undefined) throw new RangeError('there are no forms')
  for (;;) {
    const task = makeComposed(form, dice, split)
    if (task === undefined || splitOfLayout(task.objects) !== split || !isExpressible(task)) continue
    const wordings = task.rules.map(({ wording }) => dice.integer(0, sentencesOf(wording, split).length - 1))
    const sentences = task.rules.map(({ wording }, i) => sentencesOf(wording, split)[wordings[i] as number] ?? '')
    return {
      split,
      category: form.category,
      subtask: form.id,
      instruction: fill(sentences.join(' '), {}),
      objects: task.objects,
      solution: task.solution,
      because: task.because,
      checklist: composedChecklist(task.objects, task.solution),
      demonstrate: false,
      facts: {
        curriculum: 'composed',
        rule: task.rules.map(({ id }) => id).join(' + '),
        wording: task.rules.map(({ id }, i) => `${id}/${split}/${wordings[i]}`).join(', '),
        kinds: task.objects.map((o) => o.kind).join(', '),
        combinations: task.combinations.join(', '),
      },
    }
  }
}

function sentencesOf(
  wording: { readonly train: readonly string[]; readonly heldOut: readonly string[] },
  split: Split,
): readonly string[] {
  return split === 'train' ? wording.train : wording.heldOut
}

/**
 * Is there an idea that comes to the changes asked for? Otherwise an idea, a policy's first words, could not be right: the word for
 * what befalls one thing would befall another as well.
 */
export function isExpressible({ objects, solution }: Pick<ComposedTask, 'objects' | 'solution'>): boolean {
  const wanted = solution.filter(({ op }) => op !== 'swap')
  const words = OUTCOMES.filter((word) =>
    outcomes([word], objects, MOST_EDITS)?.clauses.some((made) => wanted.some((clause) => same(made, clause))),
  )
  const idea = outcomes(words, objects, MOST_EDITS)
  return idea !== undefined && idea.clauses.length === wanted.length && idea.clauses.every((c, i) => same(c, wanted[i]))
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
