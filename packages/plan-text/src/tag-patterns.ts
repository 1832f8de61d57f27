import { escapeExpression } from './reserved-tokens.ts'

/** Expressions that find the tags of plans. */
export interface TagPatterns {
  /** Any of the tags. */
  readonly tag: RegExp
  /** The same as a group, so that `split` keeps them, at the odd places. */
  readonly kept: RegExp
  /** What looks like a further one. */
  readonly further: RegExp
}

const known = new Map<string, TagPatterns>()
/** Far more than the configurations that one process sees. */
const MOST = 64

/** The expressions for blocks of these names. They take longer to make than a plan takes to read: each is made once. */
export function tagPatterns(blocks: readonly string[]): TagPatterns {
  const key = blocks.join(' ')
  const found = known.get(key)
  if (found !== undefined) return found
  const names = blocks.map(escapeExpression).join('|')
  const made = {
    tag: new RegExp(`</?(?:${names})>`),
    kept: new RegExp(`(</?(?:${names})>)`),
    further: new RegExp(String.raw`<\s*(?:/\s*)?(?:${names})\b[^<>]*>`, 'i'),
  }
  if (known.size >= MOST) known.clear()
  known.set(key, made)
  return made
}
