import type { FormatVerdict } from '@dda-thinker/plugin-api'
import { planOffence } from './plan-offence.ts'
import { blocksOf, DEFAULT_PLAN_TAGS, markup, type PlanTags } from './plan-tags.ts'
import { stripReservedTokens } from './reserved-tokens.ts'
import { tagPatterns } from './tag-patterns.ts'

/** Characters (UTF-16 code units) that a plan may have in all, reasoning included: about 8,000 tokens. What is longer is not checked. */
export const MAX_PLAN_LENGTH = 32_768

/** What a plan says, read from its text. */
export interface PlanParts {
  /** The text that was read: as it was given, or without reserved tokens where they were to be taken out. */
  readonly text: string
  /** What the reasoning block holds, trimmed: a substring of `text`; '' where there is none. */
  readonly reasoning: string
  /** What the plan block holds, trimmed: a substring of `text`; '' where there is none. */
  readonly executable: string
  readonly format: FormatVerdict
}

export interface ReadOptions {
  /** Default `<look>` and `<plan>`. */
  readonly tags?: PlanTags | undefined
  /** The Thinker ended the plan by itself; false where it was cut at a token limit. Default true. */
  readonly ended?: boolean | undefined
  /** Characters of the executable plan. Default: no limit besides {@link MAX_PLAN_LENGTH}. */
  readonly limit?: number | undefined
  /** Special tokens of the model that it wrote and that left nothing in the text. Default 0. */
  readonly specialTokens?: number | undefined
  /**
   * Take reserved tokens out of the text, and white space from its ends; they count against the format all the same. Not
   * for a trained policy, whose tokens point into its text: there Editors and judges take out what they must not be told.
   * Default false.
   */
  readonly strip?: boolean | undefined
}

/**
 * Reads a plan strictly: `<look>...</look><plan>...</plan>`, each tag once, in this order, nothing but white space outside,
 * a plan that is not empty, not cut, not too long, and free of reserved tokens, delimiters, verdicts and talk to the judge.
 * A block reaches from its first opening tag to the next closing tag of its name, or to the end where there is none: `<` in a
 * sentence closes nothing, and other markup is part of what was written. A malformed plan is no failure: what can be read of it is
 * returned, and the format verdict names the first thing that is wrong, for the reward to count.
 */
export function readPlan(written: string, options: ReadOptions = {}): PlanParts {
  const { tags = DEFAULT_PLAN_TAGS, strip = false } = options
  const bare = blocksIn(withoutReserved(written, tags), tags)
  // The verdict is about what is written, and the same whichever text the parts are read from.
  const problem = problemOf(written, bare, options)
  const format: FormatVerdict = problem === undefined ? { ok: true } : { ok: false, problem }
  const { text, reasoning, executable } = strip ? bare : blocksIn(written, tags)
  return { text, reasoning, executable, format }
}

type Blocks = Pick<PlanParts, 'text' | 'reasoning' | 'executable'>

function blocksIn(text: string, { reasoning, plan }: PlanTags): Blocks {
  return {
    text,
    reasoning: reasoning === null ? '' : blockIn(text, reasoning),
    executable: blockIn(text, plan),
  }
}

function problemOf(
  written: string,
  { text, executable }: Blocks,
  { tags = DEFAULT_PLAN_TAGS, ended = true, limit = Infinity, specialTokens = 0 }: ReadOptions,
): string | undefined {
  if (written.length > MAX_PLAN_LENGTH) return `it is longer than ${MAX_PLAN_LENGTH} characters`
  const shape = shapeProblem(text, tags)
  if (shape !== undefined) return shape
  if (executable === '') return `<${tags.plan}> is empty`
  if (!ended) return 'the plan was cut at the token limit'
  if (executable.length > limit) return `<${tags.plan}> is longer than ${limit} characters`
  if (specialTokens > 0) return `it has ${specialTokens} special token${specialTokens === 1 ? '' : 's'} of the model`
  return planOffence({ text: written, executable, blocks: blocksOf(tags) })
}

function blockIn(text: string, name: string): string {
  const open = text.indexOf(`<${name}>`)
  if (open < 0) return ''
  const from = open + name.length + 2
  const close = text.indexOf(`</${name}>`, from)
  return text.slice(from, close < 0 ? text.length : close).trim()
}

function shapeProblem(text: string, tags: PlanTags): string | undefined {
  const wanted = markup(tags)
  for (const tag of wanted) {
    const count = text.split(tag).length - 1
    if (count !== 1) return count === 0 ? `${tag} is missing` : `${tag} occurs ${count} times`
  }
  const found = wanted.toSorted((a, b) => text.indexOf(a) - text.indexOf(b))
  if (found.some((tag, i) => tag !== wanted[i])) return `the tags are in the order ${found.join(' ')}`
  // With each tag once and in order, blocks and what is around them take turns.
  const outside = text.split(tagPatterns(blocksOf(tags)).tag).filter((_, i) => i % 2 === 0)
  const stray = outside.join('').trim()
  return stray === '' ? undefined : `text outside the tags: "${stray.slice(0, 40)}"`
}

/** The plan's own tags stay, even where a model family reserves their names. */
function withoutReserved(written: string, tags: PlanTags): string {
  // With one group, the plan's own tags are at the odd places.
  const pieces = written
    .split(tagPatterns(blocksOf(tags)).kept)
    .map((piece, i) => (i % 2 === 0 ? stripReservedTokens(piece).text : piece))
  return pieces.join('').trim()
}
