import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CellKey } from './cells.ts'

const BASE = fileURLToPath(new URL('base', import.meta.url))

/** The configuration of every cell, before its own settings. */
export const PROJECT = fileURLToPath(new URL('project.yaml', import.meta.url))

/** Settings of a world, as `key=value` of `--set`. */
export interface World {
  /** Those of samples, Editor and first policy. */
  readonly settings: readonly string[]
  /** Those of training alone: a judge that errs is never asked for the result. */
  readonly training?: readonly string[]
}

const COMPOSED: readonly string[] = [
  'synthesizer=[{use: tabletop, curriculum: composed}]',
  `trainer.weights=${JSON.stringify(BASE)}`,
  'trainer.policy={maxPrompt: 44, maxPlan: 56}',
]

/** Misses edits, forgets half of every second long plan, and now and then damages what it should leave. */
const IMPERFECT = 'editor={use: tabletop, missRate: 0.15, longPlanMissRate: 0.5, longPlan: 4, damageRate: 0.1}'
/** Plans of the easy world are short: what fails there is an edit. */
const IMPERFECT_EASY = 'editor={use: tabletop, missRate: 0.4, damageRate: 0.1}'
/** Say the opposite in so many answers of a scope. */
const ERRING = 'judge=[{use: tabletop, errorRate: {cognitive: 0.1, visual: 0.2}}]'

export const WORLDS: Readonly<Record<string, World>> = {
  composed: { settings: COMPOSED },
  'composed, imperfect Editor': { settings: [...COMPOSED, IMPERFECT] },
  'composed, erring judge': { settings: COMPOSED, training: [ERRING] },
  easy: { settings: [] },
  'easy, imperfect Editor': { settings: [IMPERFECT_EASY] },
  'easy, erring judge': { settings: [], training: [ERRING] },
}

const STREAM_WEIGHTS = 'weights: {cognitive: 0.45, visual: 0.45, format: 0.1}'

/** Each arm is the common reward and trainer with these changes. All weigh format alike. */
export const ARMS: Readonly<Record<string, readonly string[]>> = {
  sum: [],
  normalized: [`trainer.streams={mode: normalized, ${STREAM_WEIGHTS}}`],
  split: [`trainer.streams={mode: split, planOnly: 0.5, ${STREAM_WEIGHTS}}`],
  'visual only': ['reward.weights={cognitive: 0, visual: 0.9, format: 0.1}'],
  holistic: ['reward={use: literature, rule: unified-thinker}'],
  'all or nothing': ['reward.combine=all-or-nothing'],
  'cognitive only': ['reward.weights={cognitive: 0.9, visual: 0, format: 0.1}'],
}

/** What every other arm is compared with. */
export const REFERENCE = 'sum'

/** Arms that buy half the edits a step: at equal Editor calls they have twice the steps. `cognitive only` buys none, so no number of steps is equal. */
export const HALF_EDITED: ReadonlySet<string> = new Set(['split'])

export interface Budget {
  readonly worlds: readonly string[]
  readonly arms: readonly string[]
  readonly seeds: number
  /** Steps at equal rollouts. */
  readonly steps: number
  /** Also train to equal Editor calls. */
  readonly equalCalls: boolean
}

/** Every cell of a budget, those first that say most when the rest is cut off: world by world, and in it seed by seed. */
export function cellsOf({ worlds, arms, seeds, steps, equalCalls }: Budget): readonly CellKey[] {
  return worlds.flatMap((world) =>
    Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
      arms.flatMap((arm) => [
        { world, arm, seed, steps },
        ...(equalCalls && HALF_EDITED.has(arm) ? [{ world, arm, seed, steps: 2 * steps }] : []),
      ]),
    ),
  )
}

/** Identifies what all cells share: {@link PROJECT}, the first policies, worlds and arms, and more `key=value` settings. */
export function settingsId(more: readonly string[]): string {
  // Where the repository lies makes no difference.
  const tables = JSON.stringify([WORLDS, ARMS, more]).replaceAll(JSON.stringify(BASE).slice(1, -1), 'base')
  const hash = createHash('sha256').update(readFileSync(PROJECT)).update(tables)
  return hash
    .update(readFileSync(`${BASE}/policy.safetensors`))
    .digest('hex')
    .slice(0, 16)
}
