import type { Split } from '@dda-thinker/plugin-api'
import type { Dice } from '../../rules/dice.ts'
import { splitOfLayout } from '../../rules/split.ts'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import type { Draft } from './compose.ts'

/** The `index`-th reasoning task of a split: sub-tasks take turns. */
export function reasoningDraft(dice: Dice, split: Split, index: number): Draft {
  const subTask = SUB_TASKS[index % SUB_TASKS.length]
  if (subTask === undefined) throw new RangeError('there are no sub-tasks')
  const sentences = split === 'train' ? subTask.wording.train : subTask.wording.heldOut
  for (;;) {
    const task = subTask.make(dice, split)
    if (task === undefined || splitOfLayout(task.objects) !== split) continue
    const wording = dice.integer(0, sentences.length - 1)
    return {
      split,
      category: subTask.category,
      subtask: subTask.id,
      instruction: fill(sentences[wording] ?? '', task.slots),
      objects: task.objects,
      solution: task.solution,
      because: task.because,
      demonstrate: false,
      facts: {
        curriculum: 'reasoning',
        rule: subTask.id,
        wording: `${subTask.id}/${split}/${wording}`,
        kinds: task.objects.map((o) => o.kind).join(', '),
        combinations: task.combinations.join(', '),
      },
    }
  }
}

/** Puts words into the slots of a sentence. @throws RangeError for a slot that has none */
export function fill(sentence: string, slots: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, slot: string) => {
    const word = slots[slot]
    if (word === undefined) throw new RangeError(`nothing fills the slot "${slot}" of "${sentence}"`)
    return word
  })
}
