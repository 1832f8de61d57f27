import { type ChecklistItem, type ImageRef, type JudgedInfo, type Rollout, TRAINER } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { failWith, makeSample, makeWorld, openProject, png, type World } from '../../../../test/support/fake-world.ts'
import { createEngine } from '../engine/engine.ts'

const items: readonly ChecklistItem[] = [
  { id: 'c1', scope: 'cognitive', question: 'Is it so?', expected: 'yes' },
  { id: 'c2', scope: 'cognitive', question: 'Is it measured?', expected: 'yes' },
]
const question = { scope: 'cognitive', instruction: 'What comes of it?', plan: 'something else', items } as const

/** One rollout, with a tap on its end. */
async function run(change: (world: World) => void, tap: (info: JudgedInfo, rollout: Rollout) => Promise<void>) {
  const world = makeWorld()
  change(world)
  world.taps.judge = (rollout, info) => tap(info, rollout)
  const project = await openProject({ plugins: [{ use: 'fake' }] }, { world })
  const { images, cache } = project.workspace
  const stop = new AbortController()
  const engine = createEngine(project.assembly, {
    thinker: project.assembly.resolve(TRAINER).thinker,
    images,
    cache,
    seed: 5,
    stop: stop.signal,
  })
  const sample = makeSample('s', await images.put(png(1)))
  const rollouts: Rollout[] = []
  const request = { id: 's/0', sample, group: 's', member: 0, step: 3, planSeed: 1 }
  for await (const rollout of engine.run([request])) rollouts.push(rollout)
  return { engine, rollouts, stop, close: () => project.close() }
}

test('a tap may ask the judges something else: routed and cached as verdicts are, and no part of the reward', async () => {
  const shares: unknown[] = []
  const ran = await run(
    (world) => void (world.measures = ({ id }) => id === 'c2'),
    async (info) => {
      expect(info).toMatchObject({ step: 3, seed: 5, rolloutId: 's/0', sample: { id: 's' } })
      expect((await info.images.get(info.sample.images[0] as ImageRef)).length).toBeGreaterThan(0)
      shares.push(await info.ask(question), await info.ask(question))
    },
  )
  const share = (judge: string, id: string) => ({ judge, items: [{ id }], verdicts: [{ itemId: id, judge }] })
  expect(shares[0]).toHaveLength(2)
  // Both judges of the fakes are of one plugin; their verdicts tell them apart.
  expect(shares[0]).toMatchObject([
    { ...share('fake-judge', 'c1') },
    { ...share('fake-judge', 'c2'), verdicts: [{ itemId: 'c2', judge: 'fake-meter' }] },
  ])
  expect(shares[1]).toEqual(shares[0])
  // Three shares of the rollout (the cognitive items go to two judges), two asked aside once, and both again from the cache.
  expect(ran.engine.stats.judgements).toEqual({ made: 5, reused: 2 })
  expect(ran.rollouts[0]?.verdicts.map(({ itemId }) => itemId)).toEqual(['c1', 'c2', 'v1'])
  const plain = await run(
    (world) => void (world.measures = ({ id }) => id === 'c2'),
    async () => undefined,
  )
  expect(ran.rollouts).toEqual(plain.rollouts)
  await Promise.all([ran.close(), plain.close()])
})

test('items that no judge answers are in no share, and a judge that fails costs its own share only', async () => {
  const shares: unknown[] = []
  const ran = await run(
    (world) => {
      world.measures = ({ id }) => id === 'c2'
      world.onJudge = (scope, text) => {
        if (scope === 'cognitive' && text === 'something else') failWith('DDA_FAKE_AWAY', 'server')
      }
    },
    async (info) => void shares.push(await info.ask(question)),
  )
  expect(shares[0]).toMatchObject([
    { items: [{ id: 'c1' }], failure: { code: 'DDA_FAKE_AWAY', kind: 'server', stage: 'judge', plugin: 'fake-judge' } },
    { items: [{ id: 'c2' }], verdicts: [{ answer: 'yes' }] },
  ])
  expect(ran.rollouts[0]?.outcome).toEqual({ kind: 'scored' })
  await ran.close()

  const lone = await run(
    (world) => {
      world.measures = ({ id }) => id !== 'trap'
      world.judgeScopes = ['visual']
    },
    async (info) => {
      const trap = { id: 'trap', scope: 'cognitive', question: 'Is it music?', expected: 'no' } as const
      shares.push(await info.ask({ ...question, items: [trap] }))
    },
  )
  expect(shares[1]).toEqual([])
  await lone.close()
})

test('the judges may be asked when the rollouts are over, until the run is to stop', async () => {
  let kept: JudgedInfo | undefined
  const ran = await run(
    () => undefined,
    async (info) => void (kept = info),
  )
  expect(await kept?.ask(question)).toHaveLength(1)
  ran.stop.abort()
  // What the cache has costs nothing; new calls begin no more.
  expect(await kept?.ask(question)).toHaveLength(1)
  await expect(kept?.ask({ ...question, plan: 'yet another' })).rejects.toMatchObject({ code: 'DDA_INTERRUPTED' })
  await ran.close()
})

test('what is asked about another sample shows a judge that sample, and is not taken for an answer about its own', async () => {
  const shown: unknown[] = []
  const item = { id: 'v', scope: 'visual', question: 'Is it so?', expected: 'yes' } as const
  const ran = await run(
    (world) => {
      world.judgeSees = ['instruction', 'reference']
      world.onQuestion = (request) => {
        if (request.items[0]?.id === 'v') shown.push([request.instruction, request.reference?.text])
      }
    },
    async (info, { edit }) => {
      const edited = edit?.image ?? expect.unreachable('nothing was edited')
      const visual = { scope: 'visual', source: info.sample.images, edited, items: [item] } as const
      await info.ask(visual)
      await info.ask(visual, { id: 'other', instruction: 'Something else', reference: 'Another picture.' })
    },
  )
  const { instruction, reference } = makeSample('s', {} as ImageRef)
  expect(shown).toEqual([
    [instruction, reference],
    ['Something else', 'Another picture.'],
  ])
  await ran.close()
})
