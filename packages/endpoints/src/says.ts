/**
 * Does a server say this, in words of its own? What stands in a text that it was sent, a plan or an instruction, may only
 * be repeated: error messages and firewall pages quote requests. So such words decide nothing.
 *
 * @param pattern without the flags `g` and `y`
 */
export function says(text: string, pattern: RegExp, sent: readonly string[]): boolean {
  const everywhere = new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`)
  const given = sent.map(plain)
  for (const [found] of text.matchAll(everywhere)) {
    const words = plain(found)
    if (!given.some((one) => one.includes(words))) return true
  }
  return false
}

/** Without what quoting and escaping change: case and runs of white space. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim()
}
