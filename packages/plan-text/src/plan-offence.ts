import { judgeTalk } from './look-alikes.ts'
import { countReservedTokens, visible } from './reserved-tokens.ts'
import { tagPatterns } from './tag-patterns.ts'

export interface PlanText {
  /** All that the Thinker wrote, as it wrote it. */
  readonly text: string
  /** The part that an Editor and a judge are given. */
  readonly executable: string
  /** Names of the plan's own blocks, without brackets. They are allowed, even where a model family reserves them. */
  readonly blocks: readonly string[]
}

/** A line that opens or closes a block of somebody's prompt: `<<<END PLAN 1234>>>`. */
const DELIMITER = /<<[^<>\n]{1,80}>>/

/**
 * What a strict parser of plans holds against a plan besides its shape, in words for a format verdict: reserved tokens
 * anywhere, and in the executable part the delimiter of a block, what looks like a verdict, and talk to the judge.
 * Undefined where there is nothing. Judges are shown none of it ({@link sanitisePlan}); a policy that writes it anyway must
 * lose reward for it, or it would learn to try. Look-alikes count as what they look like.
 */
export function planOffence({ text, executable, blocks }: PlanText): string | undefined {
  const { kept, further: another } = tagPatterns(blocks)
  // With one group, the plan's own tags are at the odd places.
  const count = text.split(kept).reduce((sum, piece, i) => sum + (i % 2 === 0 ? countReservedTokens(piece) : 0), 0)
  if (count > 0) return `it has ${count} reserved token${count === 1 ? '' : 's'}`
  const seen = visible(executable).text
  const further = another.exec(seen)
  if (further !== null) return `it has a further ${further[0]}`
  return DELIMITER.test(seen) ? 'it has the delimiter of a block' : judgeTalk(seen)
}
