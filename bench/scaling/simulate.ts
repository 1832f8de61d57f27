/** Seconds of one call, drawn anew each time. */
export type Draw = () => number

/** A service over Editors and judges, as far as time goes. */
export interface World {
  readonly replicas: number
  /** Edits and judgements at once, of all replicas together: each has its share. */
  readonly editSlots: number
  readonly judgeSlots: number
  readonly edit: Draw
  readonly judge: Draw
  /** Of the processor of a replica, for a rollout. */
  readonly overhead: number
  /** A replica that is killed at a time, how long its callers take to go to another, and when it is back. */
  readonly loss?: { readonly at: number; readonly retryAfter: number; readonly backAfter: number }
}

export interface Forecast {
  /** From the first arrival to the last answer. */
  readonly seconds: number
  /** Seconds from arrival to answer. */
  readonly mean: number
  readonly p50: number
  readonly p99: number
  /** Share of the time that the slots for edits are busy. */
  readonly editorsBusy: number
  readonly judgesBusy: number
  /** Edits that were under way in a replica that was lost, and are made again. */
  readonly lost: number
}

interface Rollout {
  readonly arrived: number
  /** Grows when it is begun anew: what was planned for an earlier life is void. */
  life: number
  replica: number
  /** Of cognitive judgement and edit with visual judgement. */
  open: number
  editing: boolean
}

/** First come, first served, by so many at once. */
class Station {
  busy = 0
  worked = 0
  readonly waiting: (() => void)[] = []
  #first = 0
  readonly slots: number

  constructor(slots: number) {
    this.slots = slots
  }

  ask(start: () => void): void {
    if (this.busy < this.slots) start()
    else this.waiting.push(start)
  }

  next(): void {
    const start = this.waiting[this.#first]
    if (start === undefined) return
    this.#first += 1
    if (this.#first > 4096) {
      this.waiting.splice(0, this.#first)
      this.#first = 0
    }
    start()
  }
}

/**
 * The way of rollouts through the service as discrete events: the cognitive judgement, and beside it the edit with the visual judgement behind it, each in the queue
 * of its replica, and a piece of the processor at its beginning and behind every call. Work that waits in a replica that is killed goes to another with its caller.
 *
 * @param arrivals seconds, in order
 */
export function simulate(world: World, arrivals: readonly number[]): Forecast {
  const { replicas, edit, judge, overhead, loss } = world
  const events = new Heap()
  let now = 0
  let end = 0
  let lost = 0
  const waits: number[] = []
  const share = (slots: number) => Math.max(1, Math.round(slots / replicas))
  const stations = Array.from({ length: replicas }, () => ({
    cpu: new Station(1),
    editors: new Station(share(world.editSlots)),
    judges: new Station(share(world.judgeSlots)),
    up: true,
    rollouts: new Set<Rollout>(),
  }))
  const at = (index: number) => stations[index] as (typeof stations)[number]

  const work = (rollout: Rollout, kind: 'cpu' | 'editors' | 'judges', seconds: Draw, then: () => void): void => {
    const { life, replica } = rollout
    const station = at(replica)[kind]
    const isVoid = () => rollout.life !== life
    station.ask(() => {
      if (isVoid()) return station.next()
      const took = seconds()
      station.busy += 1
      station.worked += took
      if (kind === 'editors') rollout.editing = true
      events.add(now + took, () => {
        // The stations of a replica that was killed begin anew.
        if (at(replica)[kind] !== station) return
        station.busy -= 1
        station.next()
        if (isVoid()) return
        if (kind === 'editors') rollout.editing = false
        then()
      })
    })
  }
  const done = (rollout: Rollout): void => {
    rollout.open -= 1
    if (rollout.open > 0) return
    at(rollout.replica).rollouts.delete(rollout)
    waits.push(now - rollout.arrived)
    end = now
  }
  // A plan is taken in, two verdicts and an edit are kept.
  const piece = () => overhead / 4
  let turn = 0
  const begin = (rollout: Rollout): void => {
    do turn = (turn + 1) % replicas
    while (!at(turn).up)
    Object.assign(rollout, { replica: turn, open: 2, editing: false })
    at(turn).rollouts.add(rollout)
    work(rollout, 'cpu', piece, () => {
      work(rollout, 'judges', judge, () => work(rollout, 'cpu', piece, () => done(rollout)))
      work(rollout, 'editors', edit, () =>
        work(rollout, 'cpu', piece, () =>
          work(rollout, 'judges', judge, () => work(rollout, 'cpu', piece, () => done(rollout))),
        ),
      )
    })
  }
  for (const arrived of arrivals) {
    events.add(arrived, () => begin({ arrived, life: 0, replica: 0, open: 2, editing: false }))
  }
  const idle = { editors: 0, judges: 0 }
  if (loss !== undefined && replicas > 1) {
    events.add(loss.at, () => {
      const dead = at(0)
      dead.up = false
      idle.editors += dead.editors.worked
      idle.judges += dead.judges.worked
      for (const rollout of dead.rollouts) {
        if (rollout.editing) lost += 1
        rollout.life += 1
        events.add(now + loss.retryAfter, () => begin(rollout))
      }
      dead.rollouts.clear()
      Object.assign(dead, {
        cpu: new Station(1),
        editors: new Station(share(world.editSlots)),
        judges: new Station(share(world.judgeSlots)),
      })
      events.add(now + loss.backAfter, () => (dead.up = true))
    })
  }
  for (let event = events.take(); event !== undefined; event = events.take()) {
    now = event.at
    event.happen()
  }
  const seconds = end - (arrivals[0] ?? 0)
  const sorted = waits.toSorted((a, b) => a - b)
  const quantile = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  const busy = (kind: 'editors' | 'judges', slots: number) =>
    (idle[kind] + stations.reduce((sum, station) => sum + station[kind].worked, 0)) / (slots * seconds)
  return {
    seconds,
    mean: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    p50: quantile(0.5),
    p99: quantile(0.99),
    editorsBusy: busy('editors', world.editSlots),
    judgesBusy: busy('judges', world.judgeSlots),
    lost,
  }
}

interface Event {
  readonly at: number
  readonly order: number
  readonly happen: () => void
}

/** Events by time; those of one time in the order in which they were added. */
class Heap {
  readonly #events: Event[] = []
  #count = 0

  add(at: number, happen: () => void): void {
    const events = this.#events
    const event = { at, order: this.#count++, happen }
    let place = events.push(event) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isBefore(event, events[parent])) break
      events[place] = events[parent] as Event
      place = parent
    }
    events[place] = event
  }

  take(): Event | undefined {
    const events = this.#events
    const first = events[0]
    const last = events.pop()
    if (first === undefined || last === undefined || events.length === 0) return first
    let place = 0
    while (true) {
      let child = 2 * place + 1
      if (child >= events.length) break
      if (child + 1 < events.length && isBefore(events[child + 1] as Event, events[child])) child += 1
      if (!isBefore(events[child] as Event, last)) break
      events[place] = events[child] as Event
      place = child
    }
    events[place] = last
    return first
  }
}

function isBefore(a: Event, b: Event | undefined): boolean {
  return b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))
}
