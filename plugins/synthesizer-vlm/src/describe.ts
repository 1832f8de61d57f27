import { deriveSeed, type ChecklistItem, type ImageRef } from '@dda-thinker/plugin-api'
import type { Asker } from './ask.ts'
import { checkByModel } from './check-items.ts'
import { checklistOf, checkWording, limitItems, readProposal, type DraftItem, type DroppedItem } from './draft-items.ts'
import type { Prompt } from './prompts.ts'
import { textAt } from './read-json.ts'
import { Dropped, ITEM_REASONS, TASK_REASONS } from './reasons.ts'
import type { Settings } from './settings.ts'
import { similarity, featuresOf, wordsOf } from './text.ts'

/** A task that is to get what a reward needs. */
export interface Task {
  /** Names it in the record. */
  readonly where: string
  readonly images: readonly ImageRef[]
  readonly instruction: string
  /** Where there is one already; else it is written. */
  readonly reference: string
  readonly seed: number
}

export type Facts = Readonly<Record<string, string | number | boolean>>

export interface Described {
  readonly reference: string
  readonly checklist: readonly ChecklistItem[]
  readonly facts: Facts
}

/** Told of the items that were proposed, whatever becomes of the task. */
export type OnItems = (proposed: number, dropped: readonly DroppedItem[]) => Promise<void>

/** Writes the reference, where there is none, and the two checklists of a task, and checks each item. @throws Dropped */
export async function describe(task: Task, asker: Asker, settings: Settings, onItems: OnItems): Promise<Described> {
  const { instruction, images, where } = task
  const { maxItems, minItems, temperature, leakWords, itemSimilarity, alreadyPassing } = settings
  const seedOf = (step: string): number => deriveSeed(task.seed, step) % 2 ** 31
  const facts: Record<string, string | number | boolean> = {}
  let { reference } = task
  if (reference === '') {
    reference = await asker.ask({
      prompt: 'reference',
      values: { instruction },
      pictures: images,
      temperature,
      seed: seedOf('reference'),
      about: where,
      read: (object) => {
        const text = textAt(object, 'reference')
        return text === undefined ? { problem: 'it has no reference' } : { value: text }
      },
    })
    checkReference(reference, instruction)
    Object.assign(facts, origin('reference', asker, asker.prompts.reference, seedOf('reference')))
  }
  const proposal = await asker.ask({
    prompt: 'checklist',
    values: { instruction, reference, limit: String(maxItems) },
    pictures: images,
    temperature,
    seed: seedOf('checklist'),
    about: where,
    read: readProposal,
  })
  Object.assign(facts, origin('checklist', asker, asker.prompts.checklist, seedOf('checklist')))
  const worded = checkWording(proposal.items, { instruction, reference, leakWords, itemSimilarity })
  const proposed = proposal.items.length + proposal.dropped.length
  const early = [...proposal.dropped, ...worded.dropped]
  const checked = await checkByModel(worded.items, {
    asker,
    images,
    instruction,
    reference,
    alreadyPassing,
    seed: seedOf('check'),
    about: where,
  }).catch(async (error: unknown) => {
    await onItems(proposed, [...early, ...worded.items.map(endedWithTask)])
    throw error
  })
  const limited = limitItems(checked.items, maxItems)
  const dropped = [...early, ...checked.dropped, ...limited.dropped]
  const shortage = shortageOf(limited.items, minItems)
  await onItems(proposed, shortage === undefined ? dropped : [...dropped, ...limited.items.map(endedWithTask)])
  if (shortage !== undefined) throw new Dropped(TASK_REASONS.tooFewItems, shortage)
  for (const name of ['check-source', 'check-instruction', 'check-reference'] as const)
    Object.assign(facts, origin(name, asker, asker.prompts[name], seedOf('check')))
  return {
    reference,
    checklist: checklistOf(limited.items),
    facts: { ...facts, 'checklist.proposed': proposed, 'checklist.dropped': dropped.length },
  }
}

/** Model, words and seed that a field was made with. */
export function origin(field: string, { model }: Asker, { version }: Prompt, seed: number): Facts {
  return { [`${field}.model`]: model, [`${field}.prompt`]: version, [`${field}.seed`]: seed }
}

/** Fewer words describe no scene; the instruction again describes no result. */
function checkReference(reference: string, instruction: string): void {
  if (wordsOf(reference).length < 4) throw new Dropped(TASK_REASONS.notAReference, reference)
  if (similarity(featuresOf(reference), featuresOf(instruction)) >= 0.9) {
    throw new Dropped(TASK_REASONS.notAReference, 'it says the instruction again')
  }
}

function shortageOf(items: readonly DraftItem[], least: number): string | undefined {
  const cognitive = items.filter(({ scope }) => scope === 'cognitive').length
  const changes = items.filter(({ scope, aspect }) => scope === 'visual' && aspect === 'change').length
  if (cognitive >= least && changes >= least) return undefined
  return `${cognitive} cognitive and ${changes} visual ones of a change; minItems is ${least}`
}

function endedWithTask({ question }: DraftItem): DroppedItem {
  return { reason: ITEM_REASONS.endedWithTask, question }
}
