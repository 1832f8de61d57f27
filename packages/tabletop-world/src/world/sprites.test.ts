import { isDdaError } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { KINDS } from './catalogue.ts'
import { type Sprite, boxOf, scaleSprite } from './raster.ts'
import { SIZES } from './scene.ts'
import { openWorld } from './sprites.ts'
import { statesOf } from './states.ts'

const world = await openWorld()

/** Mean absolute difference over what either covers, both over mid grey, 0..255. */
function difference(a: Sprite, b: Sprite): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < a.data.length; i += 4) {
    const [alphaA, alphaB] = [a.data[i + 3] as number, b.data[i + 3] as number]
    if (alphaA < 0.05 && alphaB < 0.05) continue
    for (let c = 0; c < 3; c++) {
      sum += Math.abs(((a.data[i + c] as number) - 128) * alphaA - ((b.data[i + c] as number) - 128) * alphaB)
      count++
    }
  }
  return sum / count
}

/** Mean of a channel over the square; colours weigh by alpha. */
function mean({ data }: Sprite, c: number): number {
  let sum = 0
  for (let i = 0; i < data.length; i += 4)
    sum += c === 3 ? (data[i + 3] as number) : (data[i + c] as number) * (data[i + 3] as number)
  return sum / (data.length / 4)
}

test('every kind has a drawing that fills most of its square', () => {
  for (const { name } of KINDS) {
    const box = boxOf(world.sprite(name, undefined, 'small'))
    expect(Math.max(box?.width ?? 0, box?.height ?? 0), name).toBeGreaterThan(0.7 * SIZES.small)
  }
})

test('at the smallest size every state is far from the ordinary look and from the other states', () => {
  for (const kind of KINDS) {
    const looks = [undefined, ...statesOf(kind).map((state) => state.name)]
    looks.forEach((a, i) => {
      for (const b of looks.slice(i + 1)) {
        const far = difference(world.sprite(kind.name, a, 'small'), world.sprite(kind.name, b, 'small'))
        expect(far, `${kind.name}: ${a ?? 'ordinary'} and ${b}`).toBeGreaterThan(12)
      }
    })
  }
})

test('at the smallest size no two kinds look alike', () => {
  const sprites = KINDS.map(({ name }) => [name, world.sprite(name, undefined, 'small')] as const)
  const alike: string[] = []
  sprites.forEach(([a, first], i) => {
    for (const [b, second] of sprites.slice(i + 1)) {
      const far = difference(first, second)
      if (far < 12) alike.push(`${a} and ${b}: ${far.toFixed(1)}`)
    }
  })
  expect(alike).toEqual([])
})

test.each([
  ['unicorn', undefined],
  ['banana', 'purple'],
  ['banana', 'rusty'],
])('%s %s is refused', (kind, state) => {
  let error: unknown
  try {
    world.sprite(kind, state, 'small')
  } catch (thrown) {
    error = thrown
  }
  expect(isDdaError(error) && error.code).toBe('DDA_TABLETOP_UNKNOWN')
})

test('scaling keeps the mean colour and cover', () => {
  const sprite: Sprite = {
    width: 4,
    height: 4,
    data: new Float32Array(64).map((_, i) => (i % 4 === 3 ? (i % 8) / 7 : i)),
  }
  const scaled = scaleSprite(sprite, 3, 3)
  for (const c of [0, 1, 2, 3]) expect(mean(scaled, c)).toBeCloseTo(mean(sprite, c), 3)
})
