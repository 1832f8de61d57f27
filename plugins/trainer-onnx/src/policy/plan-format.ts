import { planOffence } from '@dda-thinker/plan-text'
import type { FormatVerdict } from '@dda-thinker/plugin-api'

/** Names of the two blocks of a plan, without brackets. */
export interface PlanTags {
  /** Block that explains; `null`: plans have none. */
  readonly reasoning: string | null
  /** Block that the Editor is told. */
  readonly plan: string
}

export const DEFAULT_PLAN_TAGS: PlanTags = { reasoning: 'look', plan: 'plan' }

export interface ParsedPlan {
  readonly reasoning: string
  /** A substring of the text; '' when there is no plan block. */
  readonly executable: string
  readonly format: FormatVerdict
}

/** The tags as they stand in a text, for example `<look> </look> <plan> </plan>`. */
export function markup(tags: PlanTags): string[] {
  return namesOf(tags).flatMap((tag) => [`<${tag}>`, `</${tag}>`])
}

function namesOf({ reasoning, plan }: PlanTags): readonly string[] {
  return reasoning === null ? [plan] : [reasoning, plan]
}

/**
 * Reads a plan strictly: `<look>...</look><plan>...</plan>`, each tag once, in this order, nothing but white space
 * outside, a plan that is not empty and free of reserved tokens, delimiters, verdicts and talk to the judge. What can
 * still be read of a malformed plan is returned with the problem named.
 *
 * @param ended whether the policy ended the plan by itself (false: it was cut at the token limit).
 */
export function parsePlan(text: string, tags: PlanTags = DEFAULT_PLAN_TAGS, ended = true): ParsedPlan {
  const reasoning = tags.reasoning === null ? '' : between(text, tags.reasoning)
  const executable = between(text, tags.plan)
  const problem = problemOf(text, tags, executable, ended)
  return { reasoning, executable, format: problem === undefined ? { ok: true } : { ok: false, problem } }
}

function between(text: string, tag: string): string {
  const open = text.indexOf(`<${tag}>`)
  if (open < 0) return ''
  const from = open + tag.length + 2
  const close = text.indexOf(`</${tag}>`, from)
  const next = text.indexOf('<', from)
  return text.slice(from, close >= 0 ? close : next >= 0 ? next : text.length).trim()
}

function problemOf(text: string, tags: PlanTags, executable: string, ended: boolean): string | undefined {
  const wanted = markup(tags)
  for (const tag of wanted) {
    const count = text.split(tag).length - 1
    if (count === 0) return `${tag} is missing`
    if (count > 1) return `${tag} occurs ${count} times`
  }
  const found = wanted.toSorted((a, b) => text.indexOf(a) - text.indexOf(b))
  if (found.some((tag, i) => tag !== wanted[i])) return `the tags are in the order ${found.join(' ')}`
  let outside = text
  for (const tag of [tags.reasoning, tags.plan]) {
    if (tag !== null) outside = outside.slice(0, outside.indexOf(`<${tag}>`)) + outside.slice(closeOf(outside, tag))
  }
  if (outside.trim() !== '') return `text outside the tags: "${outside.trim().slice(0, 40)}"`
  if (executable === '') return `<${tags.plan}> is empty`
  if (!ended) return 'the plan was cut at the token limit'
  return planOffence({ text, executable, blocks: namesOf(tags) })
}

function closeOf(text: string, tag: string): number {
  return text.indexOf(`</${tag}>`) + tag.length + 3
}
