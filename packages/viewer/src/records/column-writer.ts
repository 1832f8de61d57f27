import type { Failure, ImageRef, ItemAssessment, Sample } from '@dda-thinker/plugin-api'
import { ENDINGS, type RowColumn, type RunColumns } from '../columns/run-columns.ts'

const TYPES: readonly ImageRef['mediaType'][] = ['image/png', 'image/jpeg', 'image/webp']
/** Characters of an instruction that a grid shows. */
const SHOWN = 240

/** The file name under which a picture is served. */
export function pictureFile({ hash, mediaType }: Pick<ImageRef, 'hash' | 'mediaType'>): string {
  return `${hash}.${ENDINGS[TYPES.indexOf(mediaType)] ?? 'png'}`
}

/** Adds rows to columns, with a number for each text that comes again. */
export class ColumnWriter {
  readonly #columns: RunColumns
  readonly #samples = new Map<string, number>()
  readonly #groups = new Map<string, number>()
  readonly #thinkers = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #pictures = new Map<string, number>()
  readonly #items = new Map<string, number>()

  constructor(columns: RunColumns) {
    this.#columns = columns
  }

  row(values: Readonly<Record<Exclude<RowColumn, 'itemsEnd'>, number>>): void {
    const { rows, items } = this.#columns
    for (const [name, value] of Object.entries(values)) rows[name as RowColumn].push(value)
    rows.itemsEnd.push(items.item.length)
  }

  /** Of the row that follows; items that were not asked are none. */
  items(assessed: readonly ItemAssessment[], subtask: string | undefined): void {
    const { items, itemFacts } = this.#columns
    for (const { item, passed } of assessed) {
      if (passed === undefined) continue
      const { id, scope, question } = item
      const place = numberOf(this.#items, `${subtask ?? ''}\n${scope}\n${id}`, () =>
        itemFacts.push({
          id,
          scope,
          ...(subtask === undefined ? {} : { subtask }),
          ...(question === '' ? {} : { question }),
        }),
      )
      items.item.push(place)
      items.passed.push(Number(passed))
    }
  }

  sample(id: string, sample: Sample | undefined): number {
    return numberOf(this.#samples, id, () => this.#columns.sampleFacts.push({ id, ...factsOf(sample) }))
  }

  group(key: string): number {
    return numberOf(this.#groups, key)
  }

  thinker(name: string): number {
    return numberOf(this.#thinkers, name, () => this.#columns.thinkers.push(name))
  }

  /** 1 + its place. */
  failure({ kind, code }: Failure): number {
    const name = `${kind} ${code}`
    return 1 + numberOf(this.#failures, name, () => this.#columns.failures.push(name))
  }

  /** 1 + its place. */
  picture({ hash, mediaType }: ImageRef): number {
    return 1 + numberOf(this.#pictures, hash, () => this.#columns.addPicture(hash, TYPES.indexOf(mediaType)))
  }
}

function factsOf(sample: Sample | undefined) {
  if (sample === undefined) return {}
  const { category, subtask, split, instruction, images } = sample
  const [source] = images
  return {
    category,
    ...(subtask === undefined ? {} : { subtask }),
    split,
    instruction: instruction.length > SHOWN ? `${instruction.slice(0, SHOWN)}…` : instruction,
    ...(source === undefined ? {} : { source: pictureFile(source) }),
  }
}

function numberOf(map: Map<string, number>, key: string, added: () => unknown = () => undefined): number {
  let place = map.get(key)
  if (place === undefined) {
    place = map.size
    map.set(key, place)
    added()
  }
  return place
}
