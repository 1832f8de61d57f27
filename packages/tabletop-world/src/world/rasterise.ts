import { createRequire } from 'node:module'
import { errors } from '../errors.ts'
import { KINDS, isCustom } from './catalogue.ts'
import { CUSTOM_ICONS, KEYCAP_BLUE, recolourNumber } from './custom-icons.ts'
import { SIZES } from './scene.ts'

/** Side of the drawings that states work on, pixels: twice the largest size. */
export const MASTER = 2 * SIZES.large

interface IconSet {
  readonly icons: Readonly<Record<string, { readonly body: string }>>
}

/** All that the drawings follow from, but for the content of the installed icons. */
export function drawingRecipe(): string {
  const icons = KINDS.map(({ name, icon }) => [
    name,
    icon,
    isCustom(icon) ? CUSTOM_ICONS[icon] : recolourNumber(icon, KEYCAP_BLUE),
  ])
  return JSON.stringify([MASTER, icons])
}

/** Draws each kind from its icon: RGBA, 8 bits. Loads the set of icons and sharp, and takes half a second of a processor. */
export async function rasteriseAll(): Promise<ReadonlyMap<string, Uint8Array>> {
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
  const { default: sharp } = await import('sharp')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="${MASTER}" height="${MASTER}">${body}</svg>`
  return sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer()
}
