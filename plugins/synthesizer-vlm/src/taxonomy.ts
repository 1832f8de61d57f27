import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { deriveSeed, readWhole, Type } from '@dda-thinker/plugin-api'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { badFile } from './bad-input.ts'

const text = Type.String({ minLength: 1 })

const TAXONOMY = Type.Array(
  Type.Object(
    {
      category: text,
      subtask: text,
      definition: text,
      examples: Type.Optional(Type.Array(text)),
      weight: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    },
    { additionalProperties: false },
  ),
  { minItems: 1 },
)

/** One kind of reasoning that instructions are asked for. */
export interface Kind {
  readonly category: string
  readonly subtask: string
  readonly definition: string
  readonly examples: readonly string[]
  /** Share relative to the others. */
  readonly weight: number
}

export interface Taxonomy {
  readonly kinds: readonly Kind[]
  /** Short name of the file's content. */
  readonly version: string
}

const OWN = fileURLToPath(new URL('../taxonomy.yaml', import.meta.url))

/** Reads a taxonomy, YAML or JSON. @throws DdaError `DDA_SYNTHESIS_TAXONOMY` */
export async function loadTaxonomy(file: string = OWN): Promise<Taxonomy> {
  const source = await readWhole(file).then(String, (cause: unknown) => {
    throw badFile('taxonomy', file, 'it cannot be read', cause)
  })
  let value: unknown
  try {
    value = parse(source, { logLevel: 'error' })
  } catch (error) {
    throw badFile('taxonomy', file, `it is not YAML: ${(error as Error).message}`, error)
  }
  if (!Value.Check(TAXONOMY, value)) {
    const [first] = Value.Errors(TAXONOMY, value)
    throw badFile('taxonomy', file, `${first?.instancePath ?? ''} ${first?.message ?? 'is not a list of kinds'}`.trim())
  }
  const names = new Set<string>()
  for (const { category, subtask } of value) {
    const name = `${category}/${subtask}`
    if (names.has(name)) throw badFile('taxonomy', file, `two entries are ${name}`)
    names.add(name)
  }
  return {
    kinds: value.map(({ examples = [], weight = 1, ...kind }) => ({ ...kind, examples, weight })),
    version: createHash('sha256').update(source).digest('hex').slice(0, 12),
  }
}

/** Which kind is asked for next: the one that is furthest behind its share. */
export class Balance {
  readonly #kinds: readonly Kind[]
  readonly #counts: number[]

  constructor(kinds: readonly Kind[], seed: number) {
    // Ties are broken in an order of the seed's, so that small sets do not all begin with the same kinds.
    this.#kinds = kinds.toSorted(
      (a, b) => deriveSeed(seed, a.category, a.subtask) - deriveSeed(seed, b.category, b.subtask),
    )
    this.#counts = kinds.map(() => 0)
  }

  /** Counts it; {@link giveBack} where it came to nothing. `undefined` where all were asked. */
  next(asked: ReadonlySet<Kind>): Kind | undefined {
    let best: number | undefined
    this.#kinds.forEach((kind, i) => {
      if (asked.has(kind)) return
      if (best === undefined || this.#load(i) < this.#load(best)) best = i
    })
    if (best === undefined) return undefined
    this.#counts[best] = (this.#counts[best] ?? 0) + 1
    return this.#kinds[best]
  }

  /** Counts a kind that is asked for whatever is behind. */
  take(kind: Kind): Kind {
    const index = this.#kinds.indexOf(kind)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    return kind
  }

  giveBack(kind: Kind): void {
    const index = this.#kinds.indexOf(kind)
    this.#counts[index] = (this.#counts[index] ?? 0) - 1
  }

  #load(index: number): number {
    return (this.#counts[index] ?? 0) / (this.#kinds[index]?.weight ?? 1)
  }
}
