import { encodePng } from '@dda-thinker/pictures'
import { createHash } from 'node:crypto'
import type { ChecklistItem, ImageStore, Sample, Split } from '@dda-thinker/plugin-api'
import {
  BACKGROUNDS,
  CATEGORY_PLURALS,
  COLUMNS,
  type Clause,
  type SceneObject,
  type World,
  drawScene,
  printMention,
  printPlan,
} from '@dda-thinker/tabletop-world'
import type { Dice } from '../../rules/dice.ts'
import { mentionOf } from '../../rules/table.ts'
import { checklistOf, touchedBy } from './checklist.ts'
import type { Idea } from './ideas.ts'
import { categoryOf } from './references.ts'
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
  /** Default: that of a task of one rule, made from its objects and solution. */
  readonly checklist?: readonly ChecklistItem[]
  /** What a demonstration sets out to do. Default: `told`, edits as the instruction tells them. */
  readonly idea?: Idea
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
    checklist: draft.checklist ?? checklistOf(draft.objects, draft.solution),
    split: draft.split,
    ...(draft.demonstrate ? { demonstration: planTextOf(draft.objects, draft.solution, draft.idea) } : {}),
    provenance: { plugin: 'synthesizer-tabletop', seed, facts: { ...draft.facts, background } },
  }
}

/**
 * A whole plan, all lower case: what it sets out to do, the table column by column from the left (`-` where nothing is, `*`
 * after what the idea concerns, sizes or groups where they decide), then the edits. With a place for every column a policy
 * learns far sooner which part of the picture each word is about; with the idea first it can be explored apart from its
 * execution.
 */
export function planTextOf(
  objects: readonly SceneObject[],
  clauses: readonly Clause[],
  idea: Pick<Idea, 'words' | 'concerned' | 'by'> = { words: 'told' },
): string {
  const touched = touchedBy(objects, clauses)
  const seen = COLUMNS.map((_, column) => {
    const object = objects.find((candidate) => candidate.column === column)
    if (object === undefined) return '-'
    const name = printMention(mentionOf(object), 'the').replace(/^the /, '')
    const marked = touched.includes(object) || idea.concerned?.includes(object) === true
    const size = idea.by === 'size' ? [object.size] : []
    const group = idea.by === 'group' ? [CATEGORY_PLURALS[categoryOf(object)]] : []
    return [...size, name, ...group, ...(marked ? ['*'] : [])].join(' ')
  })
  return `<look> ${idea.words} : ${seen.join(' ')} </look> <plan> ${printPlan(clauses)} </plan>`
}
