import { expect, test } from 'vitest'
import { see } from '../sight/see.ts'
import { drawScene } from '../world/draw.ts'
import type { Raster } from '../world/raster.ts'
import type { Scene } from '../world/scene.ts'
import { openWorld } from '../world/sprites.ts'
import { type ExecuteOptions, execute } from './execute.ts'

const world = await openWorld()

const SCENE: Scene = {
  background: 'sage',
  objects: [
    { kind: 'banana', column: 0, row: 'back', size: 'medium', dx: 2, dy: -3 },
    { kind: 'egg', column: 1, row: 'front', size: 'medium', dx: -4, dy: 0 },
    { kind: 'cup', column: 2, row: 'back', size: 'large', dx: 1, dy: 4 },
    { kind: 'hammer', state: 'rusty', column: 3, row: 'front', size: 'small', dx: 4, dy: 4 },
    { kind: 'egg', state: 'cracked', column: 4, row: 'front', size: 'large', dx: 4, dy: -4 },
  ],
}
const SOURCE = drawScene(world, SCENE)
const BEFORE = [
  'banana 0 back medium',
  'egg 1 front medium',
  'cup 2 back large',
  'rusty hammer 3 front small',
  'cracked egg 4 front large',
]

function run(plan: string, options: Partial<ExecuteOptions> = {}) {
  return execute(world, SOURCE, plan, { seed: 1, ...options })
}

function listing(raster: Raster): string[] {
  return see(world, raster).objects.map(({ kind, state, column, row, size }) =>
    [...(state === undefined ? [] : [state]), kind, column, row, size].join(' '),
  )
}

/** What is on the table now that was not before, and the other way round. */
function change(raster: Raster): readonly [gone: string[], come: string[]] {
  const after = listing(raster)
  return [BEFORE.filter((line) => !after.includes(line)), after.filter((line) => !BEFORE.includes(line))]
}

/** The pixels of a row between the outer columns' things. */
function middle({ data, width }: Raster, y: number): Uint8Array {
  return data.subarray(3 * (y * width + 66), 3 * (y * width + 255))
}

function apple(raster: Raster) {
  return see(world, raster).objects.find(({ kind }) => kind === 'apple')?.centre
}

test('the source is seen as it was drawn', () => {
  expect(listing(SOURCE)).toEqual(BEFORE)
})

test.each([
  ['turn the banana rotten', ['banana 0 back medium'], ['rotten banana 0 back medium']],
  ['turn the hammer ordinary', ['rusty hammer 3 front small'], ['hammer 3 front small']],
  ['replace the ordinary egg with a chick', ['egg 1 front medium'], ['chick 1 front medium']],
  ['replace the cup with some rusty scissors', ['cup 2 back large'], ['rusty scissors 2 back large']],
  ['remove the cracked egg', ['cracked egg 4 front large'], []],
  [
    'swap the banana and the hammer',
    ['banana 0 back medium', 'rusty hammer 3 front small'],
    ['rusty hammer 0 back small', 'banana 3 front medium'],
  ],
  ['move the banana to the front', ['banana 0 back medium'], ['banana 0 front medium']],
  ['move the cup to the far right', ['cup 2 back large'], ['cup 4 back large']],
  ['move the hammer to the back left', ['rusty hammer 3 front small'], ['rusty hammer 1 back small']],
  ['add a wet book at the middle', [], ['wet book 2 front medium']],
  ['add some grapes at the back far right', [], ['grapes 4 back medium']],
  ['make the cup small', ['cup 2 back large'], ['cup 2 back small']],
  ['make the hammer large', ['rusty hammer 3 front small'], ['rusty hammer 3 front large']],
  [
    'remove the cup; move the banana to the middle',
    ['banana 0 back medium', 'cup 2 back large'],
    ['banana 2 back medium'],
  ],
])('%s does just that', (plan, gone, come) => {
  const { image, done, notes, changed } = run(plan)
  expect(change(image)).toEqual([gone, come])
  expect([notes, changed]).toEqual([[], true])
  expect(done).not.toContain(false)
})

test('clauses work on what the earlier ones left', () => {
  const { image, done } = run('turn the banana frozen; move the frozen banana to the back far right; remove the cup')
  expect(done).toEqual([true, true, true])
  expect(change(image)[1]).toEqual(['frozen banana 4 back medium'])
})

test('what the plan does not name keeps every pixel', () => {
  const { image } = run('turn the banana rotten; remove the cracked egg')
  for (let y = 0; y < SOURCE.height; y++) expect(Buffer.compare(middle(image, y), middle(SOURCE, y))).toBe(0)
})

test('a removed thing leaves bare table, its shadow gone too', () => {
  const bare = drawScene(world, { ...SCENE, objects: SCENE.objects.filter(({ kind }) => kind !== 'cup') })
  expect(Buffer.compare(run('remove the cup').image.data, bare.data)).toBe(0)
})

test.each([
  ['remove the dog', 'the dog is not in the picture'],
  ['remove the egg', 'the egg could be any of 2 things'],
  ['remove the rotten banana', 'the rotten banana is not in the picture'],
  ['turn the cup rotten', 'there is no drawing of a rotten cup'],
  ['replace the cup with a rusty banana', 'there is no drawing of a rusty banana'],
  ['add an apple at the back', 'it does not say how far left or right'],
  ['swap the banana and the banana', 'both names mean the same thing'],
])('%s is not done, and the note says why', (plan, why) => {
  const { image, done, notes, changed } = run(plan)
  expect([done, changed]).toEqual([[false], false])
  expect(notes.join()).toContain(why)
  expect(Buffer.compare(image.data, SOURCE.data)).toBe(0)
})

test('an instruction that needs thought gives it nothing to do', () => {
  const { image, changed, notes } = run('Show the table a month later, after nobody has cleaned up.')
  expect([changed, Buffer.compare(image.data, SOURCE.data)]).toEqual([false, 0])
  expect(notes).toContain('The plan holds no edit; the picture is as it was.')
})

test('a thing drawn on an occupied place hides what was there', () => {
  const { image, done } = run('move the cup to the back far left')
  expect(done).toEqual([true])
  expect(change(image)[0]).toContain('banana 0 back medium')
})

test('what a plan covers only for a moment is not lost', () => {
  const swapped = run('move the cup to the back far left; move the banana to the middle')
  expect(swapped.done).toEqual([true, true])
  expect(change(swapped.image)[1]).toEqual(['cup 0 back large', 'banana 2 back medium'])
  const uncovered = run('move the cup to the back far left; remove the cup')
  expect(change(uncovered.image)).toEqual([['cup 2 back large'], []])
})

test('same seed, same pixels; the seed moves what is drawn by at most the jitter', () => {
  const plan = 'replace the cup with an apple'
  const places = new Set<string>()
  for (let seed = 0; seed < 24; seed++) {
    const { image } = run(plan, { seed, jitter: 2 })
    expect(Buffer.compare(image.data, run(plan, { seed, jitter: 2 }).image.data)).toBe(0)
    const { x, y } = see(world, image).objects.find(({ kind }) => kind === 'apple')?.centre ?? { x: 0, y: 0 }
    expect(Math.max(Math.abs(x - 161), Math.abs(y - 66))).toBeLessThanOrEqual(2)
    places.add(`${x},${y}`)
  }
  expect(places.size).toBeGreaterThan(5)
})

test('a clause meets the same luck whatever else the plan says', () => {
  const alone = run('replace the cup with an apple').image
  const beside = run('remove the hammer; replace the cup with an apple').image
  expect(apple(beside)).toEqual(apple(alone))
})

test('clauses are overlooked at the rate that is set', () => {
  expect(run('remove the cup', { missRate: 1 }).notes).toEqual(['Not done: remove the cup: it was overlooked.'])
  const done = Array.from(
    { length: 150 },
    (_, seed) => run('remove the dog; remove the cup', { seed, missRate: 0.3 }).done[1],
  )
  const share = done.filter(Boolean).length / done.length
  expect(share).toBeGreaterThan(0.55)
  expect(share).toBeLessThan(0.85)
})

test('only as many clauses are done as it attends to', () => {
  const { done, notes } = run('remove the cup; remove the banana; remove the hammer', { maxClauses: 2 })
  expect(done).toEqual([true, true, false])
  expect(notes).toEqual(['Not done: remove the hammer: only the first 2 edits of a plan are done.'])
})

const LONG = 'turn the banana rotten; remove the cracked egg; make the cup small; turn the hammer ordinary'

test('the second half of a long plan is forgotten at the rate that is set, of short ones never', () => {
  const forgets = (plan: string, seed: number): boolean =>
    run(plan, { seed, longPlanMissRate: 0.5 }).notes.some((note) => note.includes('forgotten'))
  const share = Array.from({ length: 60 }, (_, seed) => forgets(LONG, seed)).filter(Boolean).length / 60
  expect(share).toBeGreaterThan(0.25)
  expect(share).toBeLessThan(0.75)
  expect(run(LONG, { longPlanMissRate: 1 }).done).toEqual([true, true, false, false])
  expect(run(LONG, { longPlanMissRate: 1, longPlan: 5 }).done).toEqual([true, true, true, true])
  expect(run('remove the cup; remove the banana', { longPlanMissRate: 1 }).done).toEqual([true, true])
})

test('damage befalls a thing that the plan does not name, and only where something was done', () => {
  const plan = 'turn the banana rotten; remove the cup'
  const kinds = new Set<string>()
  for (let seed = 0; seed < 24; seed++) {
    const { image, notes, done } = run(plan, { seed, damageRate: 1 })
    const [gone] = change(image)
    expect(done).toEqual([true, true])
    expect(gone).toEqual(expect.arrayContaining(['banana 0 back medium', 'cup 2 back large']))
    const damage = notes.find((note) => note.startsWith('Done unasked: '))
    expect(damage).not.toMatch(/banana|cup/)
    if (damage !== undefined) kinds.add(damage.split(' ')[2] ?? '')
    expect(Buffer.compare(image.data, run(plan, { seed, damageRate: 1 }).image.data)).toBe(0)
  }
  expect([...kinds].toSorted()).toEqual(['make', 'remove', 'turn'])
  expect(run('remove the dog', { damageRate: 1 }).changed).toBe(false)
})

test('without these rates every pixel is as it was before there were any', () => {
  const none = { longPlanMissRate: 0, damageRate: 0 }
  for (let seed = 0; seed < 6; seed++) {
    const [plain, set] = [run(LONG, { seed, missRate: 0.4 }), run(LONG, { seed, missRate: 0.4, ...none })]
    expect(Buffer.compare(plain.image.data, set.image.data)).toBe(0)
    // A rate that does not strike changes nothing either: its luck is drawn from a stream of its own.
    const spared = run(LONG, { seed, missRate: 0.4, damageRate: 1e-9, longPlanMissRate: 1e-9 })
    expect(Buffer.compare(plain.image.data, spared.image.data)).toBe(0)
  }
})
