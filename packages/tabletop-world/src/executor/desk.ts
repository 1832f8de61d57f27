import type { Mention } from '../language/clause.ts'
import { printMention } from '../language/words.ts'
import type { Match } from '../sight/match.ts'
import { look } from '../sight/see.ts'
import { templateOf } from '../sight/templates.ts'
import { drawSprite } from '../world/draw.ts'
import { type Raster, type Sprite, copyRaster, paste } from '../world/raster.ts'
import { CANVAS, type Size } from '../world/scene.ts'
import type { World } from '../world/sprites.ts'
import { ORDINARY } from '../world/states.ts'
import { cutOut, erase } from './cut.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

interface DeskOptions {
  readonly jitter: number
  readonly style: ((sprite: Sprite) => Sprite) | undefined
}

/** A thing on the table, with its own pixels once something lies over it or it was put there by this plan. */
interface Layer {
  readonly thing: Match
  readonly pixels: Sprite | undefined
}

/**
 * The picture under work and what lies on it, as layers: what a plan covers for a moment is not lost, so that two moves
 * can swap two things whatever their order. Only what still covers something at the end hides it.
 */
export class Desk {
  readonly raster: Raster
  readonly #world: World
  readonly #options: DeskOptions
  readonly #rows: Uint8Array
  /** Bottom to top. */
  #layers: readonly Layer[]

  constructor(world: World, source: Raster, options: DeskOptions) {
    const { matches, background } = lookOnce(world, source)
    this.raster = copyRaster(source)
    this.#world = world
    this.#options = options
    this.#rows = background
    this.#layers = matches.map((thing) => ({ thing, pixels: undefined }))
  }

  /** All things on the table, bottom to top. */
  things(): readonly Mention[] {
    return this.#layers.map(({ thing: { template } }) => ({ kind: template.kind, state: template.state ?? ORDINARY }))
  }

  /** The one thing a mention names, or what is wrong. A mention without a state names a kind in any state. */
  find(mention: Mention): Match | string {
    const state = mention.state === ORDINARY ? undefined : mention.state
    const found = this.#layers
      .map(({ thing }) => thing)
      .filter(
        ({ template }) => template.kind === mention.kind && (mention.state === undefined || template.state === state),
      )
    if (found.length === 0) return `${printMention(mention, 'the')} is not in the picture.`
    if (found.length > 1) return `${printMention(mention, 'the')} could be any of ${found.length} things.`
    return found[0] as Match
  }

  /** Takes a thing off the table and gives its pixels. */
  lift(thing: Match): Sprite {
    const own = this.#layers.find((layer) => layer.thing === thing)
    const cut = own?.pixels ?? cutOut(this.raster, this.#rows, thing)
    this.#layers = this.#layers.filter((layer) => layer.thing !== thing)
    const touching = this.#layers.filter((layer) => overlap(layer.thing, thing))
    const spared = this.#layers.filter((layer) => !touching.includes(layer)).map((layer) => layer.thing)
    erase(this.raster, this.#rows, thing, spared)
    for (const { thing: other, pixels } of touching) {
      if (pixels !== undefined) paste(this.raster, pixels, other.left, other.top)
    }
    return cut
  }

  /** Puts lifted pixels down again. */
  drop(thing: Match, pixels: Sprite, centre: Point, random: () => number): void {
    this.#place(thing.template.kind, thing.template.state, thing.template.size, pixels, centre, random)
  }

  /** Draws a thing anew. */
  draw(kind: string, state: string | undefined, size: Size, centre: Point, random: () => number): void {
    const sprite = this.#world.sprite(kind, state, size)
    this.#place(kind, state, size, this.#options.style?.(sprite) ?? sprite, centre, random)
  }

  #place(
    kind: string,
    state: string | undefined,
    size: Size,
    sprite: Sprite,
    centre: Point,
    random: () => number,
  ): void {
    const half = sprite.width / 2
    const x = inside(centre.x + this.#offset(random), half, CANVAS.width)
    const y = inside(centre.y + this.#offset(random), half, CANVAS.height)
    const template = templateOf(this.#world, kind, state, size)
    const left = Math.round(x - half)
    const top = Math.round(y - half)
    const box = { ...template.box, left: left + template.box.left, top: top + template.box.top }
    const thing: Match = { template, left, top, box, confidence: 1 }
    const below = this.#layers.map((layer) =>
      layer.pixels === undefined && overlap(layer.thing, thing)
        ? { ...layer, pixels: cutOut(this.raster, this.#rows, layer.thing) }
        : layer,
    )
    drawSprite(this.raster, sprite, x, y)
    this.#layers = [...below, { thing, pixels: sprite }]
  }

  #offset(random: () => number): number {
    const { jitter } = this.#options
    return Math.floor(random() * (2 * jitter + 1)) - jitter
  }
}

// The members of a group edit one decoded source; it is looked at once.
const looks = new WeakMap<Raster, ReturnType<typeof look>>()

function lookOnce(world: World, source: Raster): ReturnType<typeof look> {
  let seen = looks.get(source)
  if (seen === undefined) looks.set(source, (seen = look(world, source)))
  return seen
}

/** Centre of a thing's square. */
export function centreOfMatch({ template, left, top }: Match): Point {
  return { x: left + template.sprite.width / 2, y: top + template.sprite.height / 2 }
}

function inside(value: number, half: number, length: number): number {
  return Math.min(length - half - 1, Math.max(half + 1, value))
}

function overlap(a: Match, b: Match): boolean {
  return (
    a.box.left < b.box.left + b.box.width &&
    b.box.left < a.box.left + a.box.width &&
    a.box.top < b.box.top + b.box.height &&
    b.box.top < a.box.top + a.box.height
  )
}
