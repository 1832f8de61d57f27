import { errors } from '../errors.ts'
import { KINDS, kindOf } from './catalogue.ts'
import { type Drawings, readDrawings } from './drawings-file.ts'
import { type Sprite, newSprite, premultiply, scaleSprite } from './raster.ts'
import { drawingRecipe, MASTER, rasteriseAll } from './rasterise.ts'
import { SIZES, type Size } from './scene.ts'
import { LOOKS } from './state-looks.ts'
import { canBe, stateOf } from './states.ts'

/** The drawings of every kind, ready to be scaled and pasted. Made by {@link openWorld}. */
export interface World {
  /**
   * A thing's drawing at a size: a square of `SIZES[size]` pixels. Made once, then kept.
   * @throws DdaError `DDA_TABLETOP_UNKNOWN` for a kind or state that is not in the catalogue, or cannot go together
   */
  sprite(kind: string, state: string | undefined, size: Size): Sprite
}

let opened: Promise<World> | undefined

/** Reads the drawings once a process; a run meets few kinds, and the others never become sprites. */
export function openWorld(): Promise<World> {
  opened ??= drawings().then(worldOf)
  return opened
}

async function drawings(): Promise<Drawings> {
  const read = readDrawings(
    KINDS.map(({ name }) => name),
    drawingRecipe(),
  )
  if (read !== undefined) return read
  const drawn = await rasteriseAll()
  return (kind) => drawn.get(kind)
}

function masterOf(raw: Uint8Array): Sprite {
  const sprite = newSprite(MASTER, MASTER)
  sprite.data.set(raw)
  for (let i = 3; i < raw.length; i += 4) sprite.data[i] = (raw[i] as number) / 255
  return sprite
}

const BAD_INPUT = { kind: 'bad-input' } as const

function worldOf(drawingOf: Drawings): World {
  const masters = new Map<string, Sprite>()
  const made = new Map<string, Sprite>()
  const looks = new Map<string, Sprite>()

  function look(kind: string, state: string | undefined): Sprite {
    let master = masters.get(kind)
    if (master === undefined) {
      const raw = drawingOf(kind)
      if (raw === undefined) throw errors.make('DDA_TABLETOP_UNKNOWN/kind', { kind }, BAD_INPUT)
      masters.set(kind, (master = masterOf(raw)))
    }
    if (state === undefined) return master
    const change = LOOKS[state]
    const known = stateOf(state)
    const catalogued = kindOf(kind)
    if (change === undefined || known === undefined)
      throw errors.make('DDA_TABLETOP_UNKNOWN/state', { state }, BAD_INPUT)
    if (catalogued === undefined || !canBe(catalogued, known)) {
      throw errors.make('DDA_TABLETOP_UNKNOWN/state-of-kind', { kind, state }, BAD_INPUT)
    }
    const key = `${kind}|${state}`
    let sprite = looks.get(key)
    if (sprite === undefined) looks.set(key, (sprite = change(master)))
    return sprite
  }

  return {
    sprite(kind, state, size) {
      const key = `${kind}|${state ?? ''}|${size}`
      const known = made.get(key)
      if (known !== undefined) return known
      const master = look(kind, state)
      const source = premultiply(master)
      for (const [name, side] of Object.entries(SIZES)) {
        made.set(`${kind}|${state ?? ''}|${name}`, scaleSprite(master, side, side, source))
      }
      return made.get(key) as Sprite
    },
  }
}
