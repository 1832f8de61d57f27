import { Growing, type Kind } from './growing.ts'

/** How a rollout ended, by its number in the column. */
export const OUTCOMES = ['scored', 'gated', 'masked', 'not scored'] as const

/** Where a rollout went wrong (`attributeFailure`), by its number in the column. */
export const FAULTS = [
  'solved',
  'plan wrong',
  'plan right, image wrong',
  'not attributed',
  'plan failed',
  'edit failed',
  'judge failed',
  'reward failed',
  'not scored',
] as const

/** One value a rollout. */
const ROW_COLUMNS = {
  /** 0 outside training. */
  step: 'u32',
  /** Into `samples`. */
  sample: 'u32',
  /** Rollouts of one group have the same number. */
  group: 'u32',
  member: 'u16',
  /** Into `thinkers`. */
  thinker: 'u8',
  /** Into {@link OUTCOMES}. */
  outcome: 'u8',
  /** Into {@link FAULTS}. */
  fault: 'u8',
  /** 1 + place in `failures`; 0: none. */
  failure: 'u16',
  /** NaN where masked. */
  reward: 'f32',
  /** Tokens of the plan; 0 where not counted. */
  tokens: 'u32',
  /** 1 + place in the pictures; 0: no edit. */
  picture: 'u32',
  /** Behind the last of its items. */
  itemsEnd: 'u32',
  /** Of the edit; NaN where unknown. */
  money: 'f32',
} as const satisfies Readonly<Record<string, Kind>>

/** One value an answered item, rollout after rollout. */
const ITEM_COLUMNS = {
  /** Into `items`. */
  item: 'u32',
  /** 1: passed. */
  passed: 'u8',
} as const satisfies Readonly<Record<string, Kind>>

export type RowColumn = keyof typeof ROW_COLUMNS
export type ItemColumn = keyof typeof ITEM_COLUMNS

/** What grids and filters know of a sample. */
export interface SampleFact {
  readonly id: string
  /** Absent where the data no longer hold it. */
  readonly category?: string
  readonly subtask?: string
  readonly split?: string
  /** Its beginning. */
  readonly instruction?: string
  /** File of the first source picture: `<hash>.<ending>`. */
  readonly source?: string
}

/** An item of checklists, told apart by sub-task, scope and id. */
export interface ItemFact {
  readonly id: string
  readonly scope: string
  readonly subtask?: string
  /** Of the first sample met. */
  readonly question?: string
}

/** Endings of picture files, by the number of their type. */
export const ENDINGS = ['png', 'jpg', 'webp'] as const
/** Of a content hash. */
export const HASH_BYTES = 32

/** Everything that is filtered, sorted and drawn of a run, as columns: some 60 bytes a rollout and 5 an item. */
export class RunColumns {
  readonly rows: Readonly<Record<RowColumn, Growing>> = makeColumns(ROW_COLUMNS)
  readonly items: Readonly<Record<ItemColumn, Growing>> = makeColumns(ITEM_COLUMNS)
  /** {@link HASH_BYTES} a picture, and one for its type. */
  readonly pictureHashes = new Growing('u8', HASH_BYTES * 256)
  readonly pictureTypes = new Growing('u8', 256)
  readonly sampleFacts: SampleFact[] = []
  readonly itemFacts: ItemFact[] = []
  /** `kind code` */
  failures: string[] = []
  thinkers: string[] = []

  get length(): number {
    return this.rows.step.length
  }

  get pictures(): number {
    return this.pictureTypes.length
  }

  /** First of a row's items. */
  itemsStart(row: number): number {
    return row === 0 ? 0 : this.rows.itemsEnd.at(row - 1)
  }

  /** `<hash>.<ending>` of a row's edit; undefined where there is none. */
  pictureOf(row: number): string | undefined {
    const place = this.rows.picture.at(row)
    return place === 0 ? undefined : this.pictureFile(place - 1)
  }

  pictureFile(place: number): string {
    let hash = ''
    for (let i = 0; i < HASH_BYTES; i += 1)
      hash += this.pictureHashes
        .at(place * HASH_BYTES + i)
        .toString(16)
        .padStart(2, '0')
    return `${hash}.${ENDINGS[this.pictureTypes.at(place)] ?? 'png'}`
  }

  addPicture(hash: string, type: number): void {
    for (let i = 0; i < HASH_BYTES; i += 1) this.pictureHashes.push(Number.parseInt(hash.slice(i * 2, i * 2 + 2), 16))
    this.pictureTypes.push(type)
  }
}

function makeColumns<Name extends string>(kinds: Readonly<Record<Name, Kind>>): Readonly<Record<Name, Growing>> {
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, new Growing(kind as Kind)])) as Record<
    Name,
    Growing
  >
}
