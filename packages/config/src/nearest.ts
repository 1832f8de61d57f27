import { distance } from 'fastest-levenshtein'

/** The known name that a misspelt one most likely meant: at most a third of its letters are off, or two of a short name. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(name.length > 3 ? 2 : 1, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    if (candidate === name) continue
    const other = candidate.toLowerCase()
    // Letters that changed places are one slip, not two.
    const d = letters(wanted) === letters(other) ? 0.5 : distance(wanted, other)
    if (d < bestDistance) {
      best = candidate
      bestDistance = d
    }
  }
  // Two-letter names are within two letters of everything.
  return best !== undefined && bestDistance < Math.max(wanted.length, best.length) ? best : undefined
}

/** What {@link nearest} found, as the end of a message: nothing where it found nothing. */
export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`
}

/** One letter off, or two that changed places. */
export function isSlip(name: string, meant: string): boolean {
  return letters(name) === letters(meant) || distance(name, meant) <= 1
}

function letters(name: string): string {
  return name.split('').toSorted().join('')
}
