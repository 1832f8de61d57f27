import { createHash } from 'node:crypto'
import type { ImageStore, Sample, Split } from '@dda-thinker/plugin-api'
import {
  BACKGROUNDS,
  COLUMNS,
  type Clause,
  type SceneObject,
  type World,
  drawScene,
  encodePng,
  printMention,
  printPlan,
} from '@dda-thinker/tabletop-world'
import type { Dice } from '../rules/dice.ts'
import { mentionOf } from '../rules/table.ts'
import { checklistOf } from './checklist.ts'
import { referenceOf } from './reference.ts'

/** A task in words, before it is drawn. */
export interface Draft {
  readonly split: Split
  readonly category: string
  readonly subtask: string
  readonly instruction: string
  readonly objects: readonly SceneObject[]
  readonly solution: readonly Clause[]
  readonly because?: string
  /** Carries the solution along as a plan to imitate. */
  readonly demonstrate: boolean
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** Draws a draft's scene, stores the picture and writes the sample out. Its id follows from its content alone. */
export async function compose(
  draft: Draft,
  dice: Dice,
  seed: number,
  world: World,
  images: ImageStore,
): Promise<Sample> {
  const background = dice.pick(BACKGROUNDS).name
  const image = await images.put(encodePng(drawScene(world, { background, objects: draft.objects })))
  const identity = [draft.split, draft.subtask, draft.instruction, image.hash].join('\n')
  return {
    id: `tabletop-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`,
    images: [image],
    instruction: draft.instruction,
    category: draft.category,
    subtask: draft.subtask,
    reference: referenceOf(draft.because, draft.objects, draft.solution),
    checklist: checklistOf(draft.objects, draft.solution),
    split: draft.split,
    ...(draft.demonstrate ? { demonstration: planTextOf(draft.objects, draft.solution) } : {}),
    provenance: { plugin: 'synthesizer-tabletop', seed, facts: { ...draft.facts, background } },
  }
}

/**
 * A whole plan: what is on the table, column by column from the left and `-` where nothing is, then the edits; all lower
 * case. With a place for every column a policy learns far sooner which part of the picture each word is about.
 */
export function planTextOf(objects: readonly SceneObject[], clauses: readonly Clause[]): string {
  const seen = COLUMNS.map((_, column) => {
    const object = objects.find((candidate) => candidate.column === column)
    return object === undefined ? '-' : printMention(mentionOf(object), 'the').replace(/^the /, '')
  })
  return `<look> ${seen.join(' ')} </look> <plan> ${printPlan(clauses)} </plan>`
}
