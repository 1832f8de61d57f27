import { BACKGROUNDS } from './backgrounds.ts'
import { KINDS } from './catalogue.ts'
import { MAX_OFFSET } from './draw.ts'
import { randomOf } from './random.ts'
import { COLUMNS, type Column, ROWS, type Row, SIZES, type Scene, type SceneObject, type Size } from './scene.ts'
import { statesOf } from './states.ts'

/**
 * Any scene the world can hold, uniformly over kinds: 1 to 5 things, each in a column of its own, about half of those
 * that can be in a state are in one. For measuring sight and for tests; a synthesizer makes scenes that mean something.
 */
export function randomScene(seed: number): Scene {
  const random = randomOf(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const free = COLUMNS.map((_, i) => i as Column)
  const count = 1 + below(COLUMNS.length)
  const objects = Array.from({ length: count }, (): SceneObject => {
    const [column = 0] = free.splice(below(free.length), 1)
    const kind = pick(KINDS)
    const states = statesOf(kind)
    return {
      kind: kind.name,
      ...(states.length > 0 && random() < 0.5 ? { state: pick(states).name } : {}),
      column,
      row: pick(Object.keys(ROWS) as Row[]),
      size: pick(Object.keys(SIZES) as Size[]),
      dx: below(2 * MAX_OFFSET + 1) - MAX_OFFSET,
      dy: below(2 * MAX_OFFSET + 1) - MAX_OFFSET,
    }
  })
  return { background: pick(BACKGROUNDS).name, objects }
}
