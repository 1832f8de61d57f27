import type { Clause } from '../language/clause.ts'
import { parsePlan } from '../language/parse.ts'
import { printClause } from '../language/print.ts'
import { hashText, randomOf } from '../world/random.ts'
import type { Raster, Sprite } from '../world/raster.ts'
import type { World } from '../world/sprites.ts'
import { Desk } from './desk.ts'
import { perform } from './perform.ts'
import { type Misfortunes, damageOf, forgottenOf } from './misfortunes.ts'

export interface ExecuteOptions extends Misfortunes {
  /** With the clauses, decides jitter and misses: same picture, same plan, same options, same pixels. */
  readonly seed: number
  /** Largest offset of what is drawn from its exact place, along each axis, pixels. Default 1. */
  readonly jitter?: number
  /** Probability that a clause is overlooked. Default 0. */
  readonly missRate?: number
  /** Clauses it attends to; later ones are ignored. Default: all. */
  readonly maxClauses?: number
  /** Changes how freshly drawn things look. Must not grow the drawing. Default: as in the catalogue. */
  readonly style?: (sprite: Sprite) => Sprite
}

export interface Execution {
  readonly image: Raster
  /** Did any clause touch the picture? */
  readonly changed: boolean
  /** For each clause of the plan, in order. */
  readonly done: readonly boolean[]
  /** What was not done and why, for people. */
  readonly notes: readonly string[]
}

/**
 * Carries out a plan on a picture, literally: reads the clauses, finds in the pixels what they name, and edits pixels.
 * Clauses work on what the earlier ones left. A clause whose thing is missing or ambiguous is not done and noted; text
 * that is no clause is noted; nothing is guessed.
 *
 * @param source not changed, and remembered: its pixels must stay as they are
 * @throws DdaError `DDA_IMAGE_SIZE` (kind `bad-input`) for a picture that is no tabletop
 */
export function execute(world: World, source: Raster, plan: string, options: ExecuteOptions): Execution {
  const { seed, missRate = 0, maxClauses = Infinity } = options
  const { clauses, unknown } = parsePlan(plan)
  const notes = unknown.map(({ text }) => `Not understood: "${text}".`)
  const desk = new Desk(world, source, { jitter: options.jitter ?? 1, style: options.style })
  if (clauses.length === 0) notes.push('The plan holds no edit; the picture is as it was.')
  const seen = new Map<string, number>()
  const asked = clauses.map(({ clause }) => clause)
  const attended = asked.length - forgottenOf(asked, options)
  const done = asked.map((clause, index) => {
    const wording = printClause(clause)
    if (index >= attended) {
      notes.push(`Not done: ${wording}: the second half of a long plan was forgotten.`)
      return false
    }
    if (index >= maxClauses) {
      notes.push(`Not done: ${wording}: only the first ${maxClauses} edits of a plan are done.`)
      return false
    }
    const problem = attempt(desk, clause, streamOf(seed, wording, seen), missRate)
    if (problem !== undefined) notes.push(`Not done: ${wording}: ${problem}`)
    return problem === undefined
  })
  const damage = done.includes(true) ? damageOf(asked, desk.things(), options) : undefined
  if (damage !== undefined && perform(desk, damage.clause, damage.random) === undefined) {
    notes.push(`Done unasked: ${printClause(damage.clause)}.`)
  }
  return { image: desk.raster, changed: done.includes(true), done, notes }
}

function attempt(desk: Desk, clause: Clause, random: () => number, missRate: number): string | undefined {
  return random() < missRate ? 'it was overlooked.' : perform(desk, clause, random)
}

/** The same clause under the same seed meets the same luck in every plan, so that plans differ only where they differ. */
function streamOf(seed: number, wording: string, seen: Map<string, number>): () => number {
  const time = (seen.get(wording) ?? 0) + 1
  seen.set(wording, time)
  return randomOf(hashText(`${seed}|${wording}|${time}`))
}
