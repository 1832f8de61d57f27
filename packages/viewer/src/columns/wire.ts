import type { Growing } from './growing.ts'
import {
  HASH_BYTES,
  type ItemColumn,
  type ItemFact,
  type RowColumn,
  type RunColumns,
  type SampleFact,
} from './run-columns.ts'

/** What somebody has of a run's columns. */
export interface Held {
  readonly rows: number
  readonly items: number
  readonly pictures: number
  readonly samples: number
  readonly itemFacts: number
}

/** What is told beside the columns themselves. */
export interface ChunkState {
  /** Changes where the record was written anew, as evaluations do to failed rollouts: then everything is read again. */
  readonly generation: number
  /** Everything that was on the disk is in. */
  readonly complete: boolean
  /** Bytes of the journal that are in, and that there are. */
  readonly read: number
  readonly size: number
  /** Lines that cannot be read. */
  readonly broken: number
}

interface Head extends ChunkState {
  readonly from: Held
  readonly samples: readonly SampleFact[]
  readonly itemFacts: readonly ItemFact[]
  readonly failures: readonly string[]
  readonly thinkers: readonly string[]
  /** Bytes of each part, in the order of {@link parts}. */
  readonly sizes: readonly number[]
}

/** Columns that tell what judges said, what was earned or what came of it. */
const TELLING: ReadonlySet<string> = new Set<RowColumn | ItemColumn>([
  'outcome',
  'fault',
  'failure',
  'reward',
  'passed',
])
/** Stands in each byte of a value that is not told: a number that is none, a place that there is not. */
const UNTOLD = 0xff

export const NOTHING: Held = { rows: 0, items: 0, pictures: 0, samples: 0, itemFacts: 0 }

export function heldOf(columns: RunColumns): Held {
  return {
    rows: columns.length,
    items: columns.items.item.length,
    pictures: columns.pictures,
    samples: columns.sampleFacts.length,
    itemFacts: columns.itemFacts.length,
  }
}

/**
 * What was added since: 4 bytes with the length of a head in JSON, the head, and the values of each column one after the other.
 *
 * @param isBlind without what judges said and what came of it. Default false
 */
export function encodeChunk(
  columns: RunColumns,
  from: Held,
  state: ChunkState,
  isBlind = false,
): Uint8Array<ArrayBuffer> {
  const bodies = parts(columns).map(({ name, column, start }) => {
    const bytes = column.bytes(start(from))
    return isBlind && TELLING.has(name) ? new Uint8Array(bytes.length).fill(UNTOLD) : bytes
  })
  const head: Head = {
    ...state,
    from,
    samples: columns.sampleFacts.slice(from.samples),
    itemFacts: columns.itemFacts.slice(from.itemFacts),
    failures: isBlind ? [] : columns.failures,
    thinkers: columns.thinkers,
    sizes: bodies.map(({ length }) => length),
  }
  const text = new TextEncoder().encode(JSON.stringify(head))
  const out = new Uint8Array(4 + text.length + bodies.reduce((sum, { length }) => sum + length, 0))
  new DataView(out.buffer).setUint32(0, text.length, true)
  out.set(text, 4)
  let at = 4 + text.length
  for (const body of bodies) {
    out.set(body, at)
    at += body.length
  }
  return out
}

/** Adds what {@link encodeChunk} gave, where it begins at what is held. */
export function applyChunk(columns: RunColumns, bytes: Uint8Array): ChunkState | undefined {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))) as Head
  const held = heldOf(columns)
  if (held.rows !== head.from.rows || held.items !== head.from.items) return undefined
  let at = 4 + size
  parts(columns).forEach(({ column }, place) => {
    const length = head.sizes[place] ?? 0
    column.append(bytes.subarray(at, at + length))
    at += length
  })
  columns.sampleFacts.push(...head.samples)
  columns.itemFacts.push(...head.itemFacts)
  columns.failures = [...head.failures]
  columns.thinkers = [...head.thinkers]
  const { generation, complete, read, size: total, broken } = head
  return { generation, complete, read, size: total, broken }
}

interface Part {
  readonly name: string
  readonly column: Growing
  readonly start: (held: Held) => number
}

function parts(columns: RunColumns): readonly Part[] {
  return [
    ...Object.entries(columns.rows).map(([name, column]): Part => ({ name, column, start: ({ rows }) => rows })),
    ...Object.entries(columns.items).map(([name, column]): Part => ({ name, column, start: ({ items }) => items })),
    { name: 'pictureHashes', column: columns.pictureHashes, start: ({ pictures }) => pictures * HASH_BYTES },
    { name: 'pictureTypes', column: columns.pictureTypes, start: ({ pictures }) => pictures },
  ]
}
