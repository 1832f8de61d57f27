interface TextDifferenceProps {
  /** Absent: there is nothing to compare with. */
  readonly before: string | undefined
  readonly text: string
}

/** A text, with the words marked that another one does not have. */
export function TextDifference({ before, text }: TextDifferenceProps) {
  if (before === undefined) return <p class="executable">{text}</p>
  return (
    <p class="executable">
      {wordChanges(before, text).map(({ kind, words }, i) =>
        kind === 'same' ? words : kind === 'new' ? <ins key={i}>{words}</ins> : <del key={i}>{words}</del>,
      )}
    </p>
  )
}

interface Change {
  readonly kind: 'same' | 'new' | 'gone'
  words: string
}

/** Words of one text; longer ones are shown without comparison, which takes time with the square of it. */
const MOST = 1500

/** By their longest common subsequence of words. */
export function wordChanges(before: string, after: string): readonly Change[] {
  const [a, b] = [before.match(/\S+\s*|\s+/g) ?? [], after.match(/\S+\s*|\s+/g) ?? []]
  if (a.length > MOST || b.length > MOST) return [{ kind: 'same', words: after }]
  const width = b.length + 1
  const common = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  const alike = (i: number, j: number) => a[i]?.trim() === b[j]?.trim()
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      common[i * width + j] = alike(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const changes: Change[] = []
  const add = (kind: Change['kind'], words: string) => {
    const last = changes.at(-1)
    if (last?.kind === kind) last.words += words
    else changes.push({ kind, words })
  }
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && alike(i, j)) {
      add('same', b[j] ?? '')
      i += 1
      j += 1
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      add('gone', a[i] ?? '')
      i += 1
    } else {
      add('new', b[j] ?? '')
      j += 1
    }
  }
  return changes
}
