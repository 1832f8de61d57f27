import { createHash } from 'node:crypto'
import type { Split, SynthesisRequest } from '@dda-thinker/plugin-api'
import type { Funnel } from './funnel.ts'
import type { PictureGuard, PictureSource, SourcePicture } from './source-pictures.ts'
import { Balance, type Kind, type Taxonomy } from './taxonomy.ts'

/** One instruction to be asked for. */
export interface Slot {
  readonly picture: SourcePicture
  readonly kind: Kind
  readonly split: Split
  /** Names it in the record. */
  readonly where: string
}

interface Entry {
  readonly source: PictureSource
  /** `undefined`: it was not looked at yet. */
  picture?: SourcePicture
  usable: boolean
  readonly asked: Set<Kind>
}

/**
 * Pictures and kinds to be asked about next: every picture once, then every one again with another kind, up to `perImage`; of the
 * kinds, that which is furthest behind its share of what was kept.
 */
export class TaskQueue {
  readonly #entries: readonly Entry[]
  readonly #guard: PictureGuard
  readonly #balance: Balance
  readonly #funnel: Funnel
  readonly #perImage: number
  readonly #heldOut: number
  readonly #left: Record<Split, number>
  #pass = 0
  #next = 0

  constructor(
    sources: readonly PictureSource[],
    given: {
      readonly guard: PictureGuard
      readonly taxonomy: Taxonomy
      readonly funnel: Funnel
      readonly perImage: number
      readonly request: SynthesisRequest
    },
  ) {
    const { guard, taxonomy, funnel, perImage, request } = given
    const { count, seed } = request
    this.#entries = sources.map((source) => ({ source, usable: true, asked: new Set<Kind>() }))
    this.#guard = guard
    this.#balance = new Balance(taxonomy.kinds, seed)
    this.#funnel = funnel
    this.#perImage = perImage
    this.#left = { train: Math.max(0, count.train), 'held-out': Math.max(0, count['held-out']) }
    this.#heldOut = this.#left['held-out'] / Math.max(1, this.#left.train + this.#left['held-out'])
  }

  get isDone(): boolean {
    return (this.#left.train === 0 && this.#left['held-out'] === 0) || this.#pass >= this.#perImage
  }

  /** Up to `size` slots; fewer where no more are wanted of a split. None: the pictures are used up. */
  async take(size: number): Promise<readonly Slot[]> {
    const slots: Slot[] = []
    const room = { ...this.#left }
    while (slots.length < size && !this.isDone && (room.train > 0 || room['held-out'] > 0)) {
      const entry = this.#entries[this.#next]
      if (entry === undefined) {
        this.#pass += 1
        this.#next = 0
        if (!this.#entries.some(({ usable }) => usable)) this.#pass = this.#perImage
        // Between passes the results of the last one decide what is behind.
        if (slots.length > 0) break
        continue
      }
      await this.#prepare(Math.min(size - slots.length, room.train + room['held-out']))
      this.#next += 1
      const slot = await this.#slotOf(entry, room)
      if (slot === undefined) continue
      room[slot.split] -= 1
      slots.push(slot)
    }
    return slots
  }

  kept({ split }: Slot): void {
    this.#left[split] -= 1
  }

  dropped({ kind }: Slot): void {
    this.#balance.giveBack(kind)
  }

  /** As many of the next ones as can become slots: more would be made for nothing. */
  async #prepare(count: number): Promise<void> {
    const next = this.#entries.slice(this.#next, this.#next + count)
    const sources = next.flatMap(({ source, picture, usable }) => (usable && picture === undefined ? [source] : []))
    const names = new Set(sources.map(({ name }) => name))
    await sources.find(({ prepare }) => prepare !== undefined)?.prepare?.(names)
  }

  async #slotOf(entry: Entry, room: Readonly<Record<Split, number>>): Promise<Slot | undefined> {
    if (!entry.usable) return undefined
    if (entry.picture === undefined) {
      try {
        entry.picture = await entry.source.take(this.#guard)
      } catch (error) {
        entry.usable = false
        this.#funnel.begin()
        await this.#funnel.drop(entry.source.name, error)
        return undefined
      }
    }
    const { picture } = entry
    const split = this.#splitOf(picture)
    if (room[split] <= 0) return undefined
    const { kind: first } = entry.source
    const isFirst = first !== undefined && entry.asked.size === 0
    const kind = isFirst ? this.#balance.take(first) : this.#balance.next(entry.asked)
    if (kind === undefined) return undefined
    entry.asked.add(kind)
    this.#funnel.begin()
    return { picture, kind, split, where: `${picture.name}:${kind.category}/${kind.subtask}` }
  }

  /** By the picture, so that none is in both splits, whatever the seed. */
  #splitOf({ image }: SourcePicture): Split {
    const share = createHash('sha256').update(image.hash).digest().readUInt32BE(0) / 2 ** 32
    return share < this.#heldOut ? 'held-out' : 'train'
  }
}
