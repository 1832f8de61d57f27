import { expect, test } from 'vitest'
import { openWorld } from '../world/sprites.ts'
import { encodeLooks, readLooks } from './looks-file.ts'
import { describeLooks, templatesOf } from './templates.ts'

test('the file of looks says of each what its drawing shows', async () => {
  const drawn = describeLooks(await openWorld())
  const read = readLooks(
    drawn.map(({ name }) => name),
    drawn[0]?.descriptor.length ?? 0,
  )
  // Rasterisers round differently from one machine to the next; nothing that is told apart lies so close.
  const off = drawn.filter(({ box, descriptor }, i) => {
    const known = read?.[i]
    if (known === undefined) return true
    const boxes = Object.values(box).some((value, side) => Math.abs(value - (Object.values(known.box)[side] ?? 0)) > 1)
    return boxes || descriptor.some((value, j) => Math.abs(value - (known.descriptor[j] ?? 0)) > 0.02)
  })
  expect(off.map(({ name }) => name)).toEqual([])
  expect(read).toHaveLength(drawn.length)
})

test('a file of other looks is not used', async () => {
  expect(readLooks(['small ordinary apple'], 256)).toBeUndefined()
  expect(encodeLooks([]).length).toBeGreaterThan(0)
})

test('a template is drawn when somebody looks at it', async () => {
  const world = await openWorld()
  const asked: string[] = []
  const counting = {
    sprite: (...look: Parameters<typeof world.sprite>) => (asked.push(look[0]), world.sprite(...look)),
  }
  const [first] = templatesOf(counting)
  expect(asked).toEqual([])
  expect(first?.sprite).toBe(world.sprite(first?.kind ?? '', first?.state, first?.size ?? 'small'))
  expect(asked).toHaveLength(1)
})
