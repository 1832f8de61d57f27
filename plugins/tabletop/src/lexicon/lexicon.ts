import { CATEGORY_PLURALS, planWords } from '@dda-thinker/tabletop-world'
import { IDEA_WORDS } from '../synthesizer/compose/ideas.ts'
import { SUB_TASKS } from '../rules/sub-tasks.ts'

/** Words of literal instructions beside those of plans; a test draws thousands of them and finds no other. */
const LITERAL_WORDS =
  'turn make let be again into replace with by put in place of remove take away off table swap exchange trade places ' +
  'every all both the two things thing on left right first second third fourth last biggest largest smallest then ' +
  'move bring to at add another one like copy free please and same'

/** Tags that a plan of the literal curriculum is written with. */
export const PLAN_TAGS: readonly string[] = ['<look>', '</look>', '<plan>', '</plan>']

/**
 * Every word that the samples of this plugin use in instructions (of both splits and both curricula) and in plans, lower
 * case and sorted: what a policy's vocabulary must hold. Marks and {@link PLAN_TAGS} are not among them.
 */
export function tabletopWords(): readonly string[] {
  const words = new Set<string>(LITERAL_WORDS.split(' '))
  for (const { wording } of SUB_TASKS) {
    for (const sentence of [...wording.train, ...wording.heldOut]) for (const word of wordsOf(sentence)) words.add(word)
  }
  for (const [category, plural] of Object.entries(CATEGORY_PLURALS)) words.add(category).add(plural)
  for (const text of [...planWords(), ...IDEA_WORDS]) for (const word of wordsOf(text)) words.add(word)
  return [...words].toSorted()
}

/** The words of a text, lower case; the slots of a sentence are left out. */
export function wordsOf(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .replace(/\{\w+\}|<[^>]*>/g, ' ')
      .match(/[a-z]+/g) ?? []
  )
}
