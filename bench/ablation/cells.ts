import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'

/** What is compared: one reward in one world, trained from one seed to one budget. */
export interface CellKey {
  readonly world: string
  readonly arm: string
  readonly seed: number
  /** Training steps: the same for all arms at equal rollouts, more for one that buys fewer edits at equal Editor calls. */
  readonly steps: number
}

/** What a Thinker came to on the held-out samples; entries are in the order of `samples`. */
export interface Outcomes {
  /** Ids of the samples that counted. */
  readonly samples: readonly string[]
  /** 1 where every item passed, else 0. */
  readonly solved: readonly number[]
  /** Share of the items that passed. */
  readonly passed: readonly number[]
  /** Rollouts that failed and are in neither. */
  readonly masked: number
}

/** A finished cell; one line of `cells.jsonl`. */
export interface Cell extends CellKey {
  /** Identifies all settings of the benchmark that it was measured under, those of worlds and arms included. */
  readonly settings: string
  /** Of the training. */
  readonly rollouts: number
  /** Rollouts of the training that were edited: what an Editor would be paid for, equal plans counted each time. */
  readonly editorCalls: number
  /** Of the untrained policy, on the same samples. */
  readonly base: Outcomes
  readonly trained: Outcomes
}

export function keyOf({ world, arm, seed, steps }: CellKey): string {
  return [world, arm, seed, steps].join(' / ')
}

/** The finished cells of a file, the later of two with one key; a last line that was cut off is as if it were not there. */
export function readCells(path: string): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>()
  if (!existsSync(path)) return cells
  const lines = readFileSync(path, 'utf8').split('\n')
  // Behind the last newline stands nothing, or what an interrupted run left of a line.
  for (const line of lines.slice(0, -1)) {
    if (line === '') continue
    const cell = JSON.parse(line) as Cell
    cells.set(keyOf(cell), cell)
  }
  return cells
}

/** Adds a finished cell, in the place of a last line that was cut off. */
export function appendCell(path: string, cell: Cell): void {
  const before = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  const whole = before.lastIndexOf('\n') + 1
  if (whole < before.length) truncateSync(path, whole)
  appendFileSync(path, `${JSON.stringify(cell)}\n`)
}
