import { excerpt } from './excerpt.ts'
import { type ImageRef, isImageRef } from './image.ts'
import { type ChecklistItem, type Sample, SCOPES } from './sample.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * What makes a value unusable as a sample, in words; `undefined` for a sound {@link Sample}. Every field that the contract names is
 * checked by type as well: samples are read from files that anybody may have written.
 */
export function sampleProblem(value: unknown): string | undefined {
  if (!isFields(value)) return 'it is no object'
  if (typeof value['id'] !== 'string' || value['id'] === '') return 'it has no id'
  return (
    picturesProblem(value) ??
    textProblem(value) ??
    checklistProblem(value['checklist']) ??
    provenanceProblem(value['provenance']) ??
    difficultyProblem(value['difficulty'])
  )
}

/** All pictures that a sample names: its sources, and its reference where it has one. */
export function picturesOf({ images, referenceImage }: Sample): readonly ImageRef[] {
  return referenceImage === undefined ? images : [...images, referenceImage]
}

function picturesProblem({ images, referenceImage }: Fields): string | undefined {
  if (!Array.isArray(images)) return '`images` is no list'
  if (images.length === 0) return 'it has no source image'
  const stray = [...(images as unknown[]), ...(referenceImage === undefined ? [] : [referenceImage])].find(
    (image) => !isImageRef(image),
  )
  return stray === undefined ? undefined : `its image ${excerpt(stray)} is no reference to a picture`
}

function textProblem(sample: Fields): string | undefined {
  for (const field of ['instruction', 'category', 'reference']) {
    if (typeof sample[field] !== 'string') return `\`${field}\` is no text but ${excerpt(sample[field])}`
  }
  for (const field of ['subtask', 'demonstration']) {
    const value = sample[field]
    if (value !== undefined && typeof value !== 'string') return `\`${field}\` is no text but ${excerpt(value)}`
  }
  if ((sample['instruction'] as string).trim() === '') return 'it has no instruction'
  const { split } = sample
  return split === 'train' || split === 'held-out' ? undefined : `its split is ${excerpt(split)}`
}

function checklistProblem(checklist: unknown): string | undefined {
  if (!Array.isArray(checklist)) return '`checklist` is no list'
  const ids = new Set<string>()
  let weights = 0
  for (const item of checklist as unknown[]) {
    const id = isFields(item) ? item['id'] : undefined
    if (!isFields(item) || typeof id !== 'string' || id === '') return `the checklist item ${excerpt(item)} has no id`
    if (ids.has(id)) return `two checklist items have the id "${id}"`
    ids.add(id)
    const problem = itemProblem(item)
    if (problem !== undefined) return `item "${id}" ${problem}`
    weights += isNumber(item['weight']) ? item['weight'] : 1
  }
  // Shares of an infinite sum would all be 0.
  return Number.isFinite(weights) ? undefined : 'the weights of its checklist have no finite sum'
}

function itemProblem(item: Partial<Record<keyof ChecklistItem, unknown>>): string | undefined {
  const { scope, question, expected, weight, critical, aspect, check } = item
  if (!(SCOPES as readonly unknown[]).includes(scope)) return `has the scope ${excerpt(scope)}`
  if (typeof question !== 'string') return `asks no question but ${excerpt(question)}`
  if (expected !== 'yes' && expected !== 'no') return `expects ${excerpt(expected)}`
  if (weight !== undefined && !(isNumber(weight) && weight > 0)) return `has the weight ${excerpt(weight)}`
  if (critical !== undefined && typeof critical !== 'boolean') return `is critical: ${excerpt(critical)}`
  if (aspect !== undefined && aspect !== 'change' && aspect !== 'preservation')
    return `has the aspect ${excerpt(aspect)}`
  if (check !== undefined && !(isFields(check) && typeof check['kind'] === 'string'))
    return 'has a check without a kind'
  return undefined
}

function provenanceProblem(provenance: unknown): string | undefined {
  if (!isFields(provenance)) return 'it has no provenance'
  const { plugin, seed, parents, facts } = provenance
  if (typeof plugin !== 'string') return `its provenance names no plugin but ${excerpt(plugin)}`
  if (!isNumber(seed)) return `its provenance has the seed ${excerpt(seed)}`
  if (parents !== undefined && !(Array.isArray(parents) && parents.every((parent) => typeof parent === 'string')))
    return `its provenance has the parents ${excerpt(parents)}`
  if (facts === undefined) return undefined
  const sound = isFields(facts) && Object.values(facts).every((fact) => typeof fact !== 'object' || fact === null)
  return sound ? undefined : `its provenance has the facts ${excerpt(facts)}`
}

function difficultyProblem(difficulty: unknown): string | undefined {
  if (difficulty === undefined) return undefined
  const { rollouts, mean, std, solved } = isFields(difficulty) ? difficulty : {}
  return [rollouts, mean, std, solved].every(isNumber) ? undefined : `its difficulty is ${excerpt(difficulty)}`
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
