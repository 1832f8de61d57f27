import type { FormatVerdict } from '@dda-thinker/plugin-api'
import { planOffence, stripReservedTokens } from '@dda-thinker/plan-text'

/** Names of the two blocks of a plan, without brackets. */
export interface PlanTags {
  /** Block that explains; null: plans have none. */
  readonly reasoning: string | null
  /** Block that the Editor is told. */
  readonly plan: string
}

export interface PlanParts {
  /** What the model wrote, without reserved tokens. */
  readonly text: string
  /** A substring of `text`. */
  readonly reasoning: string
  /** A substring of `text`; '' without a plan block. */
  readonly executable: string
  readonly format: FormatVerdict
}

export interface ReadOptions {
  readonly tags: PlanTags
  /** The model was cut at its token limit. */
  readonly cut: boolean
  /** Characters of the executable plan. */
  readonly limit?: number | undefined
}

/** The shape a plan must have, as the prompt shows it. */
export function shapeOf({ reasoning, plan }: PlanTags): string {
  const look = reasoning === null ? '' : `<${reasoning}>what you see and what follows from it</${reasoning}>\n`
  return `${look}<${plan}>the plan</${plan}>`
}

/**
 * Reads a plan strictly: each block once, in order, nothing but white space around them, a plan that is not empty, not
 * cut, free of reserved tokens, delimiters, verdicts and talk to the judge. A malformed plan is no failure: what can be read of it is
 * returned and the format verdict names what is wrong, for the reward to count. The tags are a setting because some
 * models reserve `<think>` as a token that never reaches the text.
 */
export function readPlan(written: string, { tags, cut, limit }: ReadOptions): PlanParts {
  const text = withoutReserved(written, tags)
  const reasoning = tags.reasoning === null ? '' : between(text, tags.reasoning)
  const executable = between(text, tags.plan)
  const problem =
    shapeProblem(text, tags) ??
    (executable === '' ? `<${tags.plan}> is empty` : undefined) ??
    (cut ? 'it was cut at the token limit' : undefined) ??
    (executable.length > (limit ?? Infinity) ? `<${tags.plan}> is longer than ${limit} characters` : undefined) ??
    planOffence({ text: written, executable, blocks: namesOf(tags) })
  return { text, reasoning, executable, format: problem === undefined ? { ok: true } : { ok: false, problem } }
}

/** The plan's own tags stay, even where a model family reserves their names. */
function withoutReserved(written: string, tags: PlanTags): string {
  const own = new Set(markup(tags))
  const pieces = written.split(new RegExp(`(</?(?:${namesOf(tags).join('|')})>)`))
  return pieces
    .map((piece) => (own.has(piece) ? piece : stripReservedTokens(piece).text))
    .join('')
    .trim()
}

function namesOf({ reasoning, plan }: PlanTags): readonly string[] {
  return reasoning === null ? [plan] : [reasoning, plan]
}

function markup(tags: PlanTags): readonly string[] {
  return namesOf(tags).flatMap((name) => [`<${name}>`, `</${name}>`])
}

function between(text: string, name: string): string {
  const open = text.indexOf(`<${name}>`)
  if (open < 0) return ''
  const from = open + name.length + 2
  const close = text.indexOf(`</${name}>`, from)
  return text.slice(from, close < 0 ? text.length : close).trim()
}

function shapeProblem(text: string, tags: PlanTags): string | undefined {
  if (text === '') return 'it is empty'
  const wanted = markup(tags)
  for (const tag of wanted) {
    const count = text.split(tag).length - 1
    if (count !== 1) return count === 0 ? `${tag} is missing` : `${tag} occurs ${count} times`
  }
  const places = wanted.map((tag) => text.indexOf(tag))
  if (places.some((place, i) => place < (places[i - 1] ?? 0))) return 'its tags are in the wrong order'
  // With each tag once and in order, blocks and what is around them take turns.
  const outside = text.split(new RegExp(wanted.join('|'))).filter((_, i) => i % 2 === 0)
  const stray = outside.join('').trim()
  return stray === '' ? undefined : `there is text outside the tags: "${stray.slice(0, 40)}"`
}
