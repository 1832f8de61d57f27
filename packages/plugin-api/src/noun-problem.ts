import type { Cost } from './edit.ts'
import { excerpt } from './excerpt.ts'
import type { HookName } from './hooks.ts'
import { isImageRef } from './image.ts'
import type { Plan } from './plan.ts'
import type { Rollout } from './rollout.ts'

/*
 * What plugins give is recorded, and a record is read again: a number that is none becomes null in JSON, and a list that is none a line that
 * nobody can read. So everything is held to its type before it is written, as rewards, verdicts and samples are by their own checks.
 */

type Fields = Readonly<Record<string, unknown>>

/** What makes a value unusable as a `Plan`, in words; undefined for a sound one. @param of whose it has to be; absent: anybody's */
export function planProblem(plan: unknown, of?: Pick<Plan, 'id' | 'sampleId'>): string | undefined {
  if (!isFields(plan)) return `it is ${excerpt(plan)}`
  const stray = ['id', 'sampleId', 'text', 'reasoning', 'executable', 'thinker'].find(
    (field) => typeof plan[field] !== 'string',
  )
  if (stray !== undefined) return `its \`${stray}\` is no text but ${excerpt(plan[stray])}`
  const odd = ['policyVersion', 'seed'].find((field) => !Number.isFinite(plan[field]))
  if (odd !== undefined) return `its \`${odd}\` is no number but ${excerpt(plan[odd])}`
  const { format, tokens } = plan
  if (!isFields(format) || typeof format['ok'] !== 'boolean') return `its \`format\` is ${excerpt(format)}`
  if (!format['ok'] && typeof format['problem'] !== 'string') return 'its `format` names no problem'
  if (!(plan['text'] as string).includes(plan['executable'] as string))
    return 'its executable part is not a part of its text'
  if (of !== undefined && plan['id'] !== of.id) return `its id is "${String(plan['id'])}", not "${of.id}"`
  if (of !== undefined && plan['sampleId'] !== of.sampleId) return `its sampleId is "${String(plan['sampleId'])}"`
  return tokens === undefined ? undefined : tokensProblem(tokens)
}

function tokensProblem(tokens: unknown): string | undefined {
  if (!isFields(tokens)) return `its \`tokens\` are ${excerpt(tokens)}`
  const { ids, logProbs, ends, values = [], temperature = 0 } = tokens
  for (const [name, list] of Object.entries({ ids, logProbs, ends, values })) {
    if (!Array.isArray(list)) return `\`tokens.${name}\` is no list but ${excerpt(list)}`
    const odd = (list as unknown[]).findIndex((value) => !Number.isFinite(value))
    if (odd >= 0) return `\`tokens.${name}\` has ${excerpt(list[odd])} at ${odd}`
  }
  return Number.isFinite(temperature) ? undefined : `\`tokens.temperature\` is ${excerpt(temperature)}`
}

/** Of an `EditResult`. */
export function editProblem(result: unknown): string | undefined {
  if (!isFields(result) || !(result['bytes'] instanceof Uint8Array)) return 'returned no bytes'
  const { cost, notes } = result
  if (notes !== undefined && !isTexts(notes)) return `returned notes that are no list of texts but ${excerpt(notes)}`
  const problem = costProblem(cost)
  return problem === undefined ? undefined : `returned a cost whose ${problem}`
}

/** What is known of a cost: of a number that is none, or below 0, nothing is, and no budget could be held to it. */
export function soundCost(cost: Cost): Cost {
  return Object.fromEntries(Object.entries(cost).filter(([, value]) => isAmount(value)))
}

function costProblem(cost: unknown): string | undefined {
  if (cost === undefined) return undefined
  if (!isFields(cost)) return `value is ${excerpt(cost)}`
  const odd = Object.entries(cost).find(([, value]) => value !== undefined && !isAmount(value))
  return odd === undefined ? undefined : `\`${odd[0]}\` is ${excerpt(odd[1])}`
}

/** Of what a tap gave, where it is recorded as it is: plans, samples and metrics are checked again by their stages, rewards by {@link checkReward}. */
export function hookResultProblem(hook: HookName, noun: unknown): string | undefined {
  if (hook === 'judge') return rolloutProblem(noun as Rollout)
  const problem = hook === 'curate' ? decisionProblem(noun) : undefined
  return problem === undefined ? undefined : `gave a decision that is unusable: ${problem}`
}

function rolloutProblem({ plan, edit, verdicts }: Rollout): string | undefined {
  const wrong = plan === undefined ? undefined : planProblem(plan)
  if (wrong !== undefined) return `gave a plan that is unusable: ${wrong}`
  if (edit !== undefined && !(isFields(edit) && isImageRef(edit.image) && isTexts(edit.notes ?? [])))
    return `gave an edit that is none: ${excerpt(edit)}`
  const list: unknown = verdicts
  if (!Array.isArray(list)) return `gave verdicts that are no list but ${excerpt(list)}`
  const odd = list.map(verdictShapeProblem).find((problem) => problem !== undefined)
  return odd === undefined ? undefined : `gave a verdict that is unusable: ${odd}`
}

/** Of one `Verdict`, by itself. */
export function verdictShapeProblem(verdict: unknown): string | undefined {
  if (!isFields(verdict) || typeof verdict['itemId'] !== 'string') return 'a verdict names no item'
  const { itemId, answer, probability, reason, judge } = verdict
  if (answer !== 'yes' && answer !== 'no' && answer !== 'unsure')
    return `item "${itemId}" has the answer ${excerpt(answer)}`
  if (probability !== undefined && !(isAmount(probability) && probability <= 1))
    return `item "${itemId}" has the probability ${excerpt(probability)}`
  if (reason !== undefined && typeof reason !== 'string') return `item "${itemId}" has the reason ${excerpt(reason)}`
  return typeof judge === 'string' ? undefined : `item "${itemId}" was answered by ${excerpt(judge)}`
}

/** Of what a curator, or a tap on `curate`, says of a sample. */
export function decisionProblem(decision: unknown): string | undefined {
  const { sample, kept, reason } = isFields(decision) ? decision : {}
  if (!isFields(sample) || typeof sample['id'] !== 'string') return `a decision is ${excerpt(decision)}`
  if (typeof kept !== 'boolean') return `sample "${sample['id']}" is kept: ${excerpt(kept)}`
  return typeof reason === 'string' ? undefined : `sample "${sample['id']}" has the reason ${excerpt(reason)}`
}

/** Of an `UpdateReport`, but for numbers that are none. */
export function reportProblem(report: unknown): string | undefined {
  if (!isFields(report)) return `it returned ${excerpt(report)}`
  const { metrics, policyVersion } = report
  if (!isFields(metrics)) return `its \`metrics\` are ${excerpt(metrics)}`
  return Number.isFinite(policyVersion) ? undefined : `its \`policyVersion\` is ${excerpt(policyVersion)}`
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
