const FENCE = '```'

/**
 * What stands inside the one code fence around a whole answer, bare or marked `json`; any other text as it is. In time that
 * grows with the text alone: models write blanks until their limit.
 */
export function withoutFence(text: string): string {
  const answer = text.trim()
  const line = answer.indexOf('\n')
  if (line < 0 || !answer.startsWith(FENCE) || !answer.endsWith(FENCE) || answer.length < line + FENCE.length)
    return text
  if (!['', 'json'].includes(answer.slice(FENCE.length, line).trimEnd())) return text
  const inside = answer.slice(line + 1, -FENCE.length)
  const body = inside.trimEnd()
  // The fence ends on a line of its own.
  return inside.includes('\n', body.length) ? body : text
}
