/** Words in lower case, also of scripts that put no spaces between them. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = []
  for (const { segment, isWordLike } of SEGMENTER.segment(text.normalize('NFKC').toLowerCase())) {
    if (isWordLike === true) words.push(segment)
  }
  return words
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'word' })

/** Runs of `size` words, each as one text; none where there are fewer. */
export function runsOf(words: readonly string[], size: number): readonly string[] {
  return Array.from({ length: Math.max(0, words.length - size + 1) }, (_, i) => words.slice(i, i + size).join(' '))
}

/** Single words and pairs: what two texts are compared by. */
export function featuresOf(text: string): ReadonlySet<string> {
  const words = wordsOf(text)
  return new Set([...words, ...runsOf(words, 2)])
}

/** Words of a question that say what it is about. */
export function contentOf(text: string): ReadonlySet<string> {
  const words = wordsOf(text)
  const content = words.filter((word) => !STOP_WORDS.has(word))
  return new Set(content.length === 0 ? words : content)
}

const STOP_WORDS = new Set(
  'a an the is are was were be been being does do did has have had of in on at to for from with that this these those it its there plan say says state states edited picture image any still'.split(
    ' ',
  ),
)

/** Shared over all (Jaccard), 0 to 1. */
export function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 && b.size === 0) return 1
  let shared = 0
  for (const one of a) if (b.has(one)) shared += 1
  return shared / (a.size + b.size - shared)
}

/** Texts by what they are made of, to find near duplicates without comparing with all of them. */
export class TextIndex {
  readonly #texts: (ReadonlySet<string> | undefined)[] = []
  readonly #places = new Map<string, number[]>()

  /** @returns for {@link remove} */
  add(text: string): number {
    const features = featuresOf(text)
    const id = this.#texts.push(features) - 1
    for (const key of keysOf(features)) {
      const places = this.#places.get(key)
      if (places === undefined) this.#places.set(key, [id])
      else places.push(id)
    }
    return id
  }

  remove(id: number): void {
    this.#texts[id] = undefined
  }

  /** Is some text at least as similar as this? */
  has(text: string, threshold: number): boolean {
    const features = featuresOf(text)
    const candidates = new Set([...keysOf(features)].flatMap((key) => this.#places.get(key) ?? []))
    for (const id of candidates) {
      const other = this.#texts[id]
      if (other !== undefined && similarity(features, other) >= threshold) return true
    }
    return false
  }
}

/** Pairs of words where there are any: single words would lead to nearly every text. */
function keysOf(features: ReadonlySet<string>): readonly string[] {
  const pairs = [...features].filter((feature) => feature.includes(' '))
  return pairs.length > 0 ? pairs : [...features]
}
