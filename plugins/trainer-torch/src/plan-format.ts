import { planOffence } from '@dda-thinker/plan-text'
import type { FormatVerdict } from '@dda-thinker/plugin-api'

/** Names of the two blocks of a plan, without brackets. */
export interface PlanTags {
  /** Block that explains; null: plans have none. */
  readonly reasoning: string | null
  /** Block that the Editor is told. */
  readonly plan: string
}

/** What the policy wrote, as the worker hands it over. */
export interface Written {
  readonly text: string
  /** False where the token limit cut it off. */
  readonly ended: boolean
  /** Special tokens of the model among its tokens; the text has nothing of them. */
  readonly reserved: number
}

export interface PlanParts {
  /** A substring of the text. */
  readonly reasoning: string
  /** A substring of the text; '' without a plan block. */
  readonly executable: string
  readonly format: FormatVerdict
}

/** The shape a plan must have, for prompts. */
export function shapeOf({ reasoning, plan }: PlanTags): string {
  const look = reasoning === null ? '' : `<${reasoning}>what you see and what follows from it</${reasoning}>\n`
  return `${look}<${plan}>the plan</${plan}>`
}

/**
 * Reads a plan strictly: each block once, in order, nothing but white space around them, a plan that is not empty, not cut
 * at the token limit and free of reserved tokens, delimiters, verdicts and talk to the judge. The text is not touched,
 * because tokens point into it: Editors and judges take out of it what they must not be told. A malformed plan is no
 * failure: what can be read of it is returned, and the format verdict names what is wrong.
 */
export function readPlan({ text, ended, reserved }: Written, tags: PlanTags): PlanParts {
  const reasoning = tags.reasoning === null ? '' : between(text, tags.reasoning)
  const executable = between(text, tags.plan)
  const problem =
    shapeProblem(text, tags) ??
    (executable === '' ? `<${tags.plan}> is empty` : undefined) ??
    (ended ? undefined : 'the plan was cut at the token limit') ??
    (reserved > 0 ? `it has ${reserved} special token${reserved === 1 ? '' : 's'} of the model` : undefined) ??
    planOffence({ text, executable, blocks: namesOf(tags) })
  return { reasoning, executable, format: problem === undefined ? { ok: true } : { ok: false, problem } }
}

function between(text: string, name: string): string {
  const open = text.indexOf(`<${name}>`)
  if (open < 0) return ''
  const from = open + name.length + 2
  const close = text.indexOf(`</${name}>`, from)
  return text.slice(from, close < 0 ? text.length : close).trim()
}

function namesOf({ reasoning, plan }: PlanTags): readonly string[] {
  return reasoning === null ? [plan] : [reasoning, plan]
}

function shapeProblem(text: string, tags: PlanTags): string | undefined {
  const wanted = namesOf(tags).flatMap((name) => [`<${name}>`, `</${name}>`])
  for (const tag of wanted) {
    const count = text.split(tag).length - 1
    if (count !== 1) return count === 0 ? `${tag} is missing` : `${tag} occurs ${count} times`
  }
  const places = wanted.map((tag) => text.indexOf(tag))
  if (places.some((place, i) => place < (places[i - 1] ?? 0))) return 'its tags are in the wrong order'
  // With each tag once and in order, what is around the blocks and what is in them take turns.
  const pieces: string[] = []
  let rest = text
  for (const tag of wanted) {
    const at = rest.indexOf(tag)
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at + tag.length)
  }
  const stray = [...pieces.filter((_, i) => i % 2 === 0), rest].join('').trim()
  return stray === '' ? undefined : `there is text outside the tags: "${stray.slice(0, 40)}"`
}
