import type { ChecklistItem, Verdict } from '@dda-thinker/plugin-api'
import { encodePng } from '@dda-thinker/pictures'
import { drawScene, openWorld, randomScene } from '@dda-thinker/tabletop-world'
import { judgeSuite, makeContext } from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import { TabletopJudge } from './judge.ts'

const { signal } = makeContext()

/** Two questions with known answers, each about a plan of its own. */
async function wrongShare(judge: TabletopJudge, plans: number): Promise<number> {
  const answers: boolean[] = []
  for (let i = 0; i < plans; i++) {
    const verdicts = await judge.judge(about(`turn the banana rotten; remove the ${i % 2 === 0 ? 'cup' : 'hat'}`, i), {
      signal,
    })
    answers.push(verdicts[0]?.answer !== 'yes', verdicts[1]?.answer !== 'no')
  }
  return answers.filter(Boolean).length / answers.length
}

function about(plan: string, sample: number) {
  const items: ChecklistItem[] = [
    'Does the plan turn the banana rotten?',
    'Does the plan leave the banana alone?',
    'Is it so?',
  ].map((question, i) => ({ id: `item-${i}`, scope: 'cognitive', question, expected: 'yes' }))
  return { scope: 'cognitive' as const, instruction: `A month goes by, ${sample}.`, plan, items }
}

const answersOf = (verdicts: readonly Verdict[]): readonly string[] => verdicts.map(({ answer }) => answer)

test('answers are wrong at the rate of their scope', async () => {
  expect(await wrongShare(new TabletopJudge(['cognitive'], { rate: { cognitive: 0, visual: 0.9 }, seed: 1 }), 50)).toBe(
    0,
  )
  expect(await wrongShare(new TabletopJudge(['cognitive'], { rate: { cognitive: 1, visual: 0 }, seed: 1 }), 50)).toBe(1)
  const share = await wrongShare(
    new TabletopJudge(['cognitive'], { rate: { cognitive: 0.2, visual: 0 }, seed: 1 }),
    400,
  )
  expect(share).toBeGreaterThan(0.14)
  expect(share).toBeLessThan(0.26)
})

test('the same sample, plan and item have the same answer, beside whatever else and whoever is asked', async () => {
  const make = (seed: number): TabletopJudge =>
    new TabletopJudge(['cognitive'], { rate: { cognitive: 0.5, visual: 0.5 }, seed })
  const seen = new Set<string>()
  for (let i = 0; i < 12; i++) {
    const request = about('turn the banana rotten', i)
    const whole = answersOf(await make(1).judge(request, { signal }))
    const apart = await Promise.all(
      request.items.map((item) => make(1).judge({ ...request, items: [item] }, { signal })),
    )
    expect(apart.flatMap(answersOf)).toEqual(whole)
    expect(whole[2]).toBe('unsure')
    seen.add(whole.join())
  }
  expect(seen.size).toBeGreaterThan(1)
  const other = await Promise.all([1, 2].map((seed) => wrongShare(make(seed), 30)))
  expect(other[0]).not.toBe(other[1])
})

test('a picture that came out the same is answered the same', async () => {
  const context = makeContext()
  const world = await openWorld()
  const image = await context.images.put(encodePng(drawScene(world, randomScene(1))))
  const item = {
    id: 'same',
    scope: 'visual',
    question: 'Is everything on the table the same as before?',
    expected: 'yes',
  } as const
  for (const seed of [1, 2, 3, 4]) {
    const judge = new TabletopJudge(['visual'], { rate: { cognitive: 0, visual: 0.5 }, seed })
    await judge.open(context)
    const request = { scope: 'visual' as const, source: [image], edited: image, items: [item] }
    const [once, again] = [await judge.judge(request, { signal }), await judge.judge(request, { signal })]
    expect(once).toEqual(again)
    if (once[0]?.answer === 'no') expect(once[0].reason).toContain('An error it is set to make')
  }
})

test('its errors are in its fingerprint; without any it is the judge that it was', () => {
  const of = (cognitive: number, seed: number): string =>
    new TabletopJudge(['cognitive'], { rate: { cognitive, visual: 0 }, seed }).fingerprint
  expect(new Set([of(0, 1), of(0.1, 1), of(0.2, 1), of(0.1, 2)]).size).toBe(4)
  expect([of(0, 0), of(0, 7)]).toEqual(['judge-tabletop/1', 'judge-tabletop/1'])
})

describe('one that errs keeps the contract of judges', () => {
  judgeSuite({
    test,
    factory: () => new TabletopJudge(['cognitive'], { rate: { cognitive: 1, visual: 0 }, seed: 0 }),
    cases: async () => [
      { request: about('turn the banana rotten', 0), answers: { 'item-0': 'no', 'item-1': 'yes', 'item-2': 'unsure' } },
    ],
  })
})
