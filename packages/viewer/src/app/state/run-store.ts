import { useEffect, useState } from 'preact/hooks'
import { RunColumns } from '../../columns/run-columns.ts'
import { applyChunk, type ChunkState, heldOf } from '../../columns/wire.ts'
import { DetailCache } from './detail-cache.ts'
import type { Source } from './source.ts'

/** Milliseconds between two looks at a record that is all read: a look that finds nothing costs the server two `stat`s. */
const PAUSE = 500
/** Where nobody sees the page. */
const HIDDEN_PAUSE = 5000
/** After an error. */
const LONG_PAUSE = 5000

/** The columns of a run as far as they have come, and what of its rollouts was looked at. */
export class RunStore {
  readonly name: string
  readonly source: Source
  /** Its columns hold nothing that judges said. */
  readonly isBlind: boolean
  readonly details: DetailCache
  columns = new RunColumns()
  state: ChunkState = { generation: 0, complete: false, read: 0, size: 0, broken: 0 }
  problem: string | undefined
  /** Grows with every change. */
  version = 0
  readonly #listeners = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #reading = false

  constructor(source: Source, name: string, isBlind = false) {
    this.source = source
    this.name = name
    this.isBlind = isBlind
    this.details = new DetailCache(source, name, () => this.#changed())
  }

  /** As long as somebody looks, the columns follow the record. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    void this.#follow()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) clearTimeout(this.#timer)
    }
  }

  async #follow(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    clearTimeout(this.#timer)
    let pause = 0
    try {
      pause = await this.#read()
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      pause = LONG_PAUSE
      this.#changed()
    } finally {
      this.#reading = false
    }
    if (this.#listeners.size === 0 || pause === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => void this.#follow(), document.hidden ? Math.max(pause, HIDDEN_PAUSE) : pause)
  }

  /** @returns milliseconds to wait */
  async #read(): Promise<number> {
    const bytes = await this.source.columns(this.name, heldOf(this.columns), this.state.generation, this.isBlind)
    const last = this.columns.length - 1
    let state = applyChunk(this.columns, bytes)
    if (state === undefined) {
      this.columns = new RunColumns()
      this.details.clear()
      state = applyChunk(this.columns, bytes)
    }
    const before = this.state
    if (state === undefined) return PAUSE
    this.state = state
    const isAnother = before.generation !== state.generation || before.complete !== state.complete
    const isNews = this.problem !== undefined || before.read !== state.read || isAnother
    this.problem = undefined
    if (isNews) this.#renewFrom(last)
    if (isNews) this.#changed()
    if (!state.complete) return 0
    return this.source.live ? PAUSE : Number.POSITIVE_INFINITY
  }

  /** Of the step that was being written more is told when it is whole. */
  #renewFrom(row: number): void {
    const { step } = this.columns.rows
    this.details.renew((known) => known <= row && step.at(known) === step.at(row))
  }

  #changed(): void {
    this.version += 1
    for (const listener of this.#listeners) listener()
  }
}

const stores = new Map<string, RunStore>()

/** The store of a run, which follows it as long as the caller is shown. */
export function useRun(source: Source, name: string, isBlind = false): RunStore {
  const key = `${isBlind} ${name}`
  let store = stores.get(key)
  if (store === undefined) {
    store = new RunStore(source, name, isBlind)
    stores.set(key, store)
  }
  const own = store
  const [, setVersion] = useState(own.version)
  useEffect(() => {
    setVersion(own.version)
    return own.subscribe(() => setVersion(own.version))
  }, [own])
  return own
}
