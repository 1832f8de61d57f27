import { createRequire } from 'node:module'
import sharp from 'sharp'
import { errors } from '../errors.ts'
import { KINDS, isCustom, kindOf } from './catalogue.ts'
import { CUSTOM_ICONS, recolourNumber } from './custom-icons.ts'
import { type Sprite, newSprite, premultiply, scaleSprite } from './raster.ts'
import { SIZES, type Size } from './scene.ts'
import { LOOKS } from './state-looks.ts'
import { canBe, stateOf } from './states.ts'

/** Side of the drawings that states work on, pixels: twice the largest size. */
export const MASTER = 2 * SIZES.large

interface IconSet {
  readonly icons: Readonly<Record<string, { readonly body: string }>>
}

/** The drawings of every kind, ready to be scaled and pasted. Made by {@link openWorld}. */
export interface World {
  /**
   * A thing's drawing at a size: a square of `SIZES[size]` pixels. Made once, then kept.
   * @throws DdaError `DDA_TABLETOP_UNKNOWN` for a kind or state that is not in the catalogue, or cannot go together
   */
  sprite(kind: string, state: string | undefined, size: Size): Sprite
}

let opened: Promise<World> | undefined

/** Rasterises the icons once a process, in well under a second. */
export function openWorld(): Promise<World> {
  opened ??= rasteriseAll().then(worldOf)
  return opened
}

/** RGBA of each kind's drawing. A run meets few of them: the others never become sprites. */
async function rasteriseAll(): Promise<ReadonlyMap<string, Uint8Array>> {
  const set = createRequire(import.meta.url)('@iconify-json/fluent-emoji-flat/icons.json') as IconSet
  const masters = await Promise.all(
    KINDS.map(async ({ name, icon }): Promise<[string, Uint8Array]> => {
      const body = isCustom(icon) ? CUSTOM_ICONS[icon] : set.icons[icon]?.body
      if (body === undefined) {
        throw errors.make('DDA_TABLETOP_ICON', { icon, name })
      }
      return [name, await rasterise(recolourNumber(icon, body))]
    }),
  )
  return new Map(masters)
}

async function rasterise(body: string): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="${MASTER}" height="${MASTER}">${body}</svg>`
  return sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer()
}

function masterOf(raw: Uint8Array): Sprite {
  const sprite = newSprite(MASTER, MASTER)
  sprite.data.set(raw)
  for (let i = 3; i < raw.length; i += 4) sprite.data[i] = (raw[i] as number) / 255
  return sprite
}

const BAD_INPUT = { kind: 'bad-input' } as const

function worldOf(drawn: ReadonlyMap<string, Uint8Array>): World {
  const masters = new Map<string, Sprite>()
  const made = new Map<string, Sprite>()
  const looks = new Map<string, Sprite>()

  function look(kind: string, state: string | undefined): Sprite {
    const raw = drawn.get(kind)
    if (raw === undefined) throw errors.make('DDA_TABLETOP_UNKNOWN/kind', { kind }, BAD_INPUT)
    let master = masters.get(kind)
    if (master === undefined) masters.set(kind, (master = masterOf(raw)))
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
