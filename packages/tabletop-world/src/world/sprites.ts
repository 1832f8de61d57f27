import { createRequire } from 'node:module'
import { DdaError } from '@dda-thinker/plugin-api'
import sharp from 'sharp'
import { KINDS, isCustom, kindOf } from './catalogue.ts'
import { CUSTOM_ICONS, recolourNumber } from './custom-icons.ts'
import { type Sprite, at, newSprite, premultiply, scaleSprite } from './raster.ts'
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

async function rasteriseAll(): Promise<ReadonlyMap<string, Sprite>> {
  const set = createRequire(import.meta.url)('@iconify-json/fluent-emoji-flat/icons.json') as IconSet
  const masters = await Promise.all(
    KINDS.map(async ({ name, icon }): Promise<[string, Sprite]> => {
      const body = isCustom(icon) ? CUSTOM_ICONS[icon] : set.icons[icon]?.body
      if (body === undefined) {
        throw new DdaError('DDA_TABLETOP_ICON', `The icon set has no drawing "${icon}" for ${name}.`, {
          next: 'Install the version of @iconify-json/fluent-emoji-flat that the package asks for.',
        })
      }
      return [name, await rasterise(recolourNumber(icon, body))]
    }),
  )
  return new Map(masters)
}

async function rasterise(body: string): Promise<Sprite> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="${MASTER}" height="${MASTER}">${body}</svg>`
  const raw = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer()
  const sprite = newSprite(MASTER, MASTER)
  for (let i = 0; i < sprite.data.length; i++) {
    sprite.data[i] = i % 4 === 3 ? at(raw, i) / 255 : at(raw, i)
  }
  return sprite
}

function worldOf(masters: ReadonlyMap<string, Sprite>): World {
  const made = new Map<string, Sprite>()
  const looks = new Map<string, Sprite>()

  function look(kind: string, state: string | undefined): Sprite {
    const master = masters.get(kind)
    if (master === undefined) throw unknown(`There is no kind "${kind}".`)
    if (state === undefined) return master
    const change = LOOKS[state]
    const known = stateOf(state)
    const catalogued = kindOf(kind)
    if (change === undefined || known === undefined) throw unknown(`There is no state "${state}".`)
    if (catalogued === undefined || !canBe(catalogued, known)) throw unknown(`"${kind}" cannot be ${state}.`)
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

function unknown(message: string): DdaError {
  return new DdaError('DDA_TABLETOP_UNKNOWN', message, {
    kind: 'bad-input',
    next: 'Use a kind of KINDS, and a state that statesOf(kind) lists.',
  })
}
