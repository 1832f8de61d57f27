import type { ItemFact, RunColumns } from '../../columns/run-columns.ts'

/** Columns of a heat map at most; several steps share one where there are more. */
const MOST_BINS = 60

interface Rate {
  asked: number
  passed: number
}

export interface ItemRates extends Readonly<Rate> {
  /** Among the item facts. */
  readonly place: number
  readonly fact: ItemFact
  readonly bins: readonly Readonly<Rate>[]
}

export interface PassRates {
  /** Those that were asked most first. */
  readonly items: readonly ItemRates[]
  readonly bins: number
  /** First and last step of a bin. */
  stepsOf(bin: number): readonly [number, number]
}

/** How often each item passed, over all and by step. */
export function passRates(columns: RunColumns): PassRates {
  const { rows, items, itemFacts } = columns
  const last = columns.length === 0 ? 0 : rows.step.at(columns.length - 1)
  const size = Math.max(1, Math.ceil((last + 1) / MOST_BINS))
  const bins = Math.floor(last / size) + 1
  const [asked, passed] = [new Uint32Array(itemFacts.length * bins), new Uint32Array(itemFacts.length * bins)]
  const [ends, steps, item, result] = [rows.itemsEnd.view(), rows.step.view(), items.item.view(), items.passed.view()]
  let at = 0
  for (let row = 0; row < ends.length; row += 1) {
    const bin = Math.floor((steps[row] ?? 0) / size)
    for (; at < (ends[row] ?? 0); at += 1) {
      const cell = (item[at] ?? 0) * bins + bin
      asked[cell] = (asked[cell] ?? 0) + 1
      passed[cell] = (passed[cell] ?? 0) + (result[at] ?? 0)
    }
  }
  const rates = itemFacts.map((fact, place): ItemRates => {
    const cells = Array.from({ length: bins }, (_, bin) => ({
      asked: asked[place * bins + bin] ?? 0,
      passed: passed[place * bins + bin] ?? 0,
    }))
    const sum = (name: keyof Rate) => cells.reduce((total, cell) => total + cell[name], 0)
    return { place, fact, bins: cells, asked: sum('asked'), passed: sum('passed') }
  })
  return {
    items: rates.filter((one) => one.asked > 0).toSorted((a, b) => b.asked - a.asked || a.place - b.place),
    bins,
    stepsOf: (bin) => [bin * size, Math.min(last, (bin + 1) * size - 1)],
  }
}
