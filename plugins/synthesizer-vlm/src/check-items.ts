import type { ImageRef } from '@dda-thinker/plugin-api'
import type { Asker, JsonObject } from './ask.ts'
import { answerOf, type DraftItem, type DroppedItem, type Proposal } from './draft-items.ts'
import type { PromptName } from './prompts.ts'
import type { Reading } from './read-json.ts'
import { ITEM_REASONS } from './reasons.ts'

type Said = 'yes' | 'no' | 'unsure'

interface Checked {
  readonly asker: Asker
  readonly images: readonly ImageRef[]
  readonly instruction: string
  readonly reference: string
  readonly seed: number
  readonly about: string
  readonly alreadyPassing: 'drop' | 'preservation'
}

/**
 * The checks that a model answers. On the source picture, shown as its own edit: an item of a change must not pass, one of
 * preservation must. By the instruction alone: no item may be settled. By the reference: no visual item may be answered
 * otherwise than expected. Only what a check is sure of counts against an item.
 */
export async function checkByModel(items: readonly DraftItem[], given: Checked): Promise<Proposal> {
  const visual = items.filter(({ scope }) => scope === 'visual')
  const { instruction, reference, images } = given
  const [source] = images
  const [onSource, byInstruction, byReference] = await Promise.all([
    ask(visual, 'check-source', {}, source === undefined ? [] : [...images, source], given),
    ask(items, 'check-instruction', { instruction }, [], given),
    ask(visual, 'check-reference', { reference }, [], given),
  ])
  const kept: DraftItem[] = []
  const dropped: DroppedItem[] = []
  for (const item of items) {
    const { question, expected, aspect } = item
    const drop = (reason: DroppedItem['reason']): void => void dropped.push({ reason, question })
    const before = onSource.get(item) ?? 'unsure'
    const passes = before === expected
    if ((byInstruction.get(item) ?? 'unsure') !== 'unsure') drop(ITEM_REASONS.fromInstruction)
    else if (isOtherwise(byReference.get(item), expected)) drop(ITEM_REASONS.againstReference)
    else if (aspect === 'preservation' && isOtherwise(before, expected) && item.scope === 'visual') {
      drop(ITEM_REASONS.notPreserved)
    } else if (aspect === 'change' && passes && given.alreadyPassing === 'drop') drop(ITEM_REASONS.beforeEdit)
    else kept.push(aspect === 'change' && passes ? { ...item, aspect: 'preservation', critical: false } : item)
  }
  return { items: kept, dropped }
}

function isOtherwise(said: Said | undefined, expected: 'yes' | 'no'): boolean {
  return said !== undefined && said !== 'unsure' && said !== expected
}

async function ask(
  items: readonly DraftItem[],
  prompt: PromptName,
  values: Readonly<Record<string, string>>,
  pictures: readonly ImageRef[],
  { asker, seed, about }: Checked,
): Promise<ReadonlyMap<DraftItem, Said>> {
  if (items.length === 0) return new Map()
  const questions = items.map(({ question }, i) => `${i + 1}. ${question}`).join('\n')
  const said = await asker.ask({
    prompt,
    values: { ...values, questions },
    pictures,
    temperature: 0,
    seed,
    about,
    read: (object) => readSaid(object, items.length),
  })
  return new Map(items.map((item, i) => [item, said[i] ?? 'unsure']))
}

/** Exactly one answer to each question. */
function readSaid(object: JsonObject, count: number): Reading<readonly Said[]> {
  const said: Said[] = []
  for (let number = 1; number <= count; number++) {
    const value = object[String(number)]
    const answer = answerOf(value)
    if (answer !== undefined) said.push(answer)
    else if (typeof value === 'string' && value.trim().toLowerCase() === 'unsure') said.push('unsure')
    else return { problem: `it has no yes, no or unsure for question ${number}` }
  }
  return Object.keys(object).length === count ? { value: said } : { problem: 'it answers what was not asked' }
}
