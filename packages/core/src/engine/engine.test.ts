import { setTimeout as wait } from 'node:timers/promises'
import { type JudgeRequest, type Rollout, type Sample, TRAINER, type Verdict } from '@dda-thinker/plugin-api'
import { expect, test, vi } from 'vitest'
import {
  failWith,
  makeSample,
  makeWorld,
  openProject,
  png,
  type Project,
  type World,
} from '../../../../test/support/fake-world.ts'
import type { ProjectConfigInput } from '@dda-thinker/config'
import type { WorkspaceOptions } from '@dda-thinker/runs'
import { createEngine, type Engine, type EngineOptions } from './engine.ts'
import type { RolloutRequest } from '../context/engine-context.ts'

interface Bench extends Project {
  readonly engine: Engine
  readonly requests: (samples: number, members?: number) => RolloutRequest[]
}

async function open(
  change: (world: World) => void = () => undefined,
  config: ProjectConfigInput = {},
  options: Partial<EngineOptions> & { readonly sample?: Partial<Sample> } & WorkspaceOptions = {},
): Promise<Bench> {
  const world = makeWorld()
  // Each plan another, unless a test says otherwise.
  world.planText = ({ id }) => `paint ${id}`
  change(world)
  const project = await openProject({ plugins: [{ use: 'fake' }], ...config }, { world, ...options })
  const { images, cache } = project.workspace
  const image = await images.put(png(1))
  const engine = createEngine(project.assembly, {
    thinker: project.assembly.resolve(TRAINER).thinker,
    images,
    cache,
    seed: 1,
    ...options,
  })
  const requests = (samples: number, members = 1) =>
    Array.from({ length: samples * members }, (_, index) => {
      const sample = makeSample(`s${Math.floor(index / members)}`, image, options.sample)
      const member = index % members
      return { id: `${sample.id}/${member}`, sample, group: sample.id, member, step: 1, planSeed: index }
    })
  return { ...project, engine, requests }
}

async function all(rollouts: AsyncIterable<Rollout>): Promise<Rollout[]> {
  const found: Rollout[] = []
  for await (const rollout of rollouts) found.push(rollout)
  return found
}

test('rollouts come in the order of the requests, whatever order plans and edits end in', async () => {
  const bench = await open((world) => {
    world.planDelay = (_id, index) => [3, 0, 2, 0, 1][index % 5] ?? 0
    world.onEdit = (plan) => wait(plan.length % 3).then(() => undefined)
  })
  const requests = bench.requests(10, 3)
  const rollouts = await all(bench.engine.run(requests))
  expect(rollouts.map(({ id }) => id)).toEqual(requests.map(({ id }) => id))
  expect(rollouts.every(({ outcome }) => outcome.kind === 'scored')).toBe(true)
  expect(rollouts[4]).toMatchObject({ group: 's1', member: 1, sampleId: 's1', verdicts: { length: 3 } })
  await bench.close()
})

test('an edit starts the moment its plan is there, and the cognitive judge runs beside it', async () => {
  const bench = await open((world) => {
    world.planDelay = (_id, index) => index * 200
    world.editDelay = 2
  })
  await all(bench.engine.run(bench.requests(3)))
  const { log } = bench.world
  // The second plan is still being made when the first is edited and judged.
  expect(log.indexOf('edit paint s0/0')).toBeLessThan(log.indexOf('plan s1/0'))
  expect(log.slice(0, 4)).toEqual(['plan s0/0', 'judge cognitive', 'edit paint s0/0', 'judge visual'])
  await bench.close()
})

test('what follows a plan goes on while others are taken, also where a Thinker has them all at once', async () => {
  let turned = false
  const turnedBy = new Map<string, boolean>()
  const bench = await open((world) => {
    world.onPlan = (id) => {
      if (turnedBy.size === 0) setImmediate(() => (turned = true))
      turnedBy.set(id, turned)
    }
  })
  await all(bench.engine.run(bench.requests(100)))
  expect(turnedBy.get('s0/0')).toBe(false)
  expect(turnedBy.get('s99/0')).toBe(true)
  await bench.close()
})

test.each([
  ['the config', { edit: 3 }, 64, 3],
  ['the Editor', { edit: 8 }, 2, 2],
  ['the Editor, where the config says nothing,', {}, 15, 15],
])('no more edits at once than %s allows', async (_who, concurrency, editorConcurrency, expected) => {
  const bench = await open(
    (world) => {
      world.editorConcurrency = editorConcurrency
      // Until as many are under way as may be, and any that should not be have come.
      world.onEdit = () => vi.waitUntil(() => world.peak.edit >= expected, { timeout: 60_000 }).then(() => wait(20))
    },
    { engine: { concurrency: { ...concurrency, judge: 4 } } },
  )
  await all(bench.engine.run(bench.requests(20)))
  expect(bench.world.peak.edit).toBe(expected)
  expect(bench.world.peak.judge).toBeLessThanOrEqual(4)
  await bench.close()
})

test('how many calls wait for whom is told while they wait', async () => {
  let go: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (go = resolve))
  const bench = await open((world) => {
    world.onEdit = () => gate
    world.editorConcurrency = 2
  })
  const rollouts = all(bench.engine.run(bench.requests(20)))
  // Two are at work, two behind them are begun, sixteen wait to begin.
  await vi.waitFor(() =>
    expect(bench.engine.waiting()).toContainEqual({ plugin: 'fake-editor', call: 'edit', count: 18 }),
  )
  expect(bench.engine.waiting().map(({ call }) => call)).toEqual(['edit', 'judge'])
  go()
  await rollouts
  expect(bench.engine.waiting().every(({ count }) => count === 0)).toBe(true)
  await bench.close()
})

test('identical plans of a group are edited and judged once, also at the same time', async () => {
  const bench = await open((world) => {
    world.planText = () => 'paint it'
    world.editDelay = 2
  })
  const rollouts = await all(bench.engine.run(bench.requests(2, 5)))
  expect(bench.world.edits).toBe(2)
  expect(bench.world.judgements).toEqual({ cognitive: 2, visual: 2 })
  expect(bench.engine.stats).toMatchObject({ edits: { made: 2, reused: 8 }, judgements: { made: 4, reused: 16 } })
  expect(new Set(rollouts.slice(0, 5).map(({ edit }) => edit?.image.hash)).size).toBe(1)
  // Members share the Editor's seed; samples do not.
  expect(new Set(rollouts.map(({ edit }) => edit?.seed)).size).toBe(2)
  await bench.close()
})

test('a failure masks its rollout with kind, stage, code and plugin, and touches no other', async () => {
  const bench = await open((world) => {
    world.onEdit = (plan) => {
      if (plan === 'paint s1/0') failWith('DDA_FAKE_BUSY', 'rate-limit')
      if (plan === 'paint s2/0') throw new TypeError('x is undefined')
    }
    world.onJudge = (scope, text) => {
      if (scope === 'cognitive' && text === 'paint s3/0') failWith('DDA_FAKE_REFUSED', 'refusal')
    }
  })
  const rollouts = await all(bench.engine.run(bench.requests(5)))
  const outcome = (index: number) => rollouts[index]?.outcome
  expect(outcome(0)).toEqual({ kind: 'scored' })
  expect(outcome(1)).toMatchObject({
    kind: 'masked',
    failure: { kind: 'rate-limit', stage: 'edit', code: 'DDA_FAKE_BUSY', plugin: 'fake-editor' },
  })
  expect(outcome(2)).toMatchObject({
    kind: 'masked',
    failure: { kind: 'plugin-error', stage: 'edit', code: 'DDA_PLUGIN_FAILED', plugin: 'fake-editor' },
  })
  expect(outcome(3)).toMatchObject({
    kind: 'masked',
    failure: { kind: 'refusal', stage: 'judge', code: 'DDA_FAKE_REFUSED', plugin: 'fake-judge' },
  })
  expect(outcome(4)).toEqual({ kind: 'scored' })
  for (const masked of rollouts.slice(1, 4)) expect(masked).not.toHaveProperty('reward')
  // What was known before the failure stays on the record.
  expect(rollouts[1]?.verdicts).toHaveLength(2)
  expect(rollouts[3]?.edit).toBeDefined()
  await bench.close()
})

test('failures are not kept: the next run asks again', async () => {
  let broken = true
  const bench = await open((world) => {
    world.onEdit = () => {
      if (broken) failWith('DDA_FAKE_BUSY', 'server')
    }
  })
  expect((await all(bench.engine.run(bench.requests(1))))[0]?.outcome.kind).toBe('masked')
  broken = false
  expect((await all(bench.engine.run(bench.requests(1))))[0]?.outcome.kind).toBe('scored')
  await bench.close()
})

test.each([
  ['edit', 'DDA_DEADLINE_EDIT', (world: World) => (world.onEdit = () => new Promise(() => undefined))],
  ['judge', 'DDA_DEADLINE_JUDGE', (world: World) => (world.onJudge = () => new Promise(() => undefined))],
  ['plan', 'DDA_DEADLINE_PLAN', (world: World) => (world.planDelay = () => 1e9)],
] as const)('a %s that hangs is given up after its deadline', async (stage, code, hang) => {
  const bench = await open(hang, { engine: { deadline: { edit: 0.02, judge: 0.02, plan: 0.02 } } })
  const rollouts = await all(bench.engine.run(bench.requests(2)))
  for (const { outcome } of rollouts) {
    expect(outcome).toMatchObject({ kind: 'masked', failure: { kind: 'timeout', stage, code } })
  }
  await bench.close()
})

test('plans that came before the Thinker failed are used', async () => {
  const bench = await open((world) => {
    world.onPlan = (id) => {
      if (id === 's2/0') failWith('DDA_FAKE_LOST', 'connection')
    }
  })
  const rollouts = await all(bench.engine.run(bench.requests(4)))
  expect(rollouts.map(({ outcome }) => outcome.kind)).toEqual(['scored', 'scored', 'masked', 'masked'])
  expect(rollouts[3]?.outcome).toMatchObject({ failure: { kind: 'connection', stage: 'plan', plugin: 'fake-trainer' } })
  await bench.close()
})

test('fewer pictures than the Editor needs are refused before it is asked', async () => {
  const bench = await open()
  const [request] = bench.requests(1)
  const rollouts = await all(
    bench.engine.run(request === undefined ? [] : [{ ...request, sample: { ...request.sample, images: [] } }]),
  )
  expect(rollouts[0]?.outcome).toMatchObject({ failure: { kind: 'bad-input', code: 'DDA_TOO_FEW_IMAGES' } })
  expect(bench.world.edits).toBe(0)
  await bench.close()
})

test('more pictures than the Editor takes are refused before it is asked', async () => {
  const bench = await open()
  const [request] = bench.requests(1)
  const images = [...(request?.sample.images ?? []), ...(request?.sample.images ?? [])]
  const rollouts = await all(
    bench.engine.run(request === undefined ? [] : [{ ...request, sample: { ...request.sample, images } }]),
  )
  expect(rollouts[0]?.outcome).toMatchObject({ failure: { kind: 'bad-input', code: 'DDA_TOO_MANY_IMAGES' } })
  expect(bench.world.edits).toBe(0)
  await bench.close()
})

test('a plan that is longer than the Editor reads fails its format and is judged as one that says nothing', async () => {
  const asked: (string | undefined)[] = []
  const longest = 'paint '.repeat(16)
  const bench = await open((world) => {
    world.planText = ({ id }) => longest + (id === 's0/0' ? 'all!' : 'it all')
    world.onJudge = (scope, text) => void (scope === 'cognitive' && asked.push(text))
  })
  const [exact, longer] = await all(bench.engine.run(bench.requests(2)))
  expect(exact).toMatchObject({ outcome: { kind: 'scored' }, plan: { format: { ok: true } } })
  // No failure: a policy could otherwise leave the update by writing too much.
  expect(longer).toMatchObject({
    outcome: { kind: 'gated', reason: expect.stringContaining('does not read the plan') },
    plan: {
      executable: `${longest}it all`,
      format: { ok: false, by: 'editor', problem: 'the plan is longer than the 100 characters that the Editor reads' },
    },
    reward: { extras: { format: 0 } },
  })
  expect(new Set(asked)).toEqual(new Set(['', `${longest}all!`]))
  expect(bench.world.edits).toBe(1)
  await bench.close()
})

test('so is one that the Editor finds too long only when it is asked', async () => {
  const asked: (string | undefined)[] = []
  const bench = await open((world) => {
    world.onEdit = (plan) => {
      if (plan === 'paint s1/0') failWith('DDA_EDITOR_PROMPT', 'bad-input')
      if (plan === 'paint s2/0') failWith('DDA_EDITOR_OTHER', 'bad-input')
    }
    world.onJudge = (scope, text) => void (scope === 'cognitive' && asked.push(text))
  })
  const rollouts = await all(bench.engine.run(bench.requests(3)))
  expect(rollouts.map(({ outcome }) => outcome.kind)).toEqual(['scored', 'gated', 'masked'])
  expect(rollouts[1]).toMatchObject({
    plan: { executable: 'paint s1/0', format: { ok: false, by: 'editor' } },
    reward: { extras: { format: 0 } },
  })
  expect(rollouts[1]?.verdicts.map(({ itemId }) => itemId)).toEqual(['c1', 'c2'])
  expect(asked).toContain('')
  await bench.close()
})

test('a plan without an executable part is gated: judged by its plan, edited by nobody', async () => {
  const bench = await open((world) => {
    world.planText = () => ''
  })
  const [rollout] = await all(bench.engine.run(bench.requests(1)))
  expect(rollout).toMatchObject({ outcome: { kind: 'gated' }, verdicts: { length: 2 }, reward: {} })
  expect(bench.world.edits).toBe(0)
  await bench.close()
})

async function gated(audit: number) {
  const bench = await open(undefined, { engine: { gate: { enabled: true, audit } } })
  const rollouts = await all(bench.engine.run(bench.requests(60)))
  await bench.close()
  return { bench, ids: rollouts.filter(({ outcome }) => outcome.kind === 'gated').map(({ id }) => id) }
}

test('members that are asked for a part of the checklist are asked that alone, and edited only where a picture is asked about', async () => {
  const asked: JudgeRequest['scope'][] = []
  const bench = await open(
    (world) => {
      world.onQuestion = ({ scope }) => void asked.push(scope)
      // The gate would read verdicts that nobody gave.
      world.verdicts = (verdicts) => verdicts.map((one) => ({ ...one, answer: 'no' }))
    },
    { engine: { gate: { enabled: true } } },
  )
  const scopes = [['cognitive'], ['cognitive'], ['visual'], ['visual']] as const
  const requests = bench.requests(3, 4).map((request) => ({ ...request, asked: scopes[request.member] ?? [] }))
  const rollouts = await all(bench.engine.run(requests))
  expect(bench.world.edits).toBe(6)
  expect(bench.engine.stats.gated).toBe(0)
  expect(asked.filter((scope) => scope === 'visual')).toHaveLength(6)
  expect(asked.filter((scope) => scope === 'cognitive')).toHaveLength(6)
  for (const rollout of rollouts) {
    const visual = rollout.member >= 2
    // Not asked is no failure.
    expect(rollout).toMatchObject({ outcome: { kind: 'scored' }, asked: scopes[rollout.member] })
    expect(rollout.verdicts.map(({ itemId }) => itemId)).toEqual(visual ? ['v1'] : ['c1', 'c2'])
    expect(rollout.edit !== undefined).toBe(visual)
  }
  await bench.close()
})

test('the gate saves edits of plans that fail a critical item, and audits a seeded fraction', async () => {
  const none = await gated(0)
  expect(none.ids.length).toBeGreaterThan(10)
  expect(none.bench.world.edits).toBe(60 - none.ids.length)
  expect(none.bench.engine.stats.gated).toBe(none.ids.length)
  const some = await gated(0.5)
  expect(some.ids.length).toBeGreaterThan(0)
  expect(some.ids.length).toBeLessThan(none.ids.length)
  expect(none.ids).toEqual(expect.arrayContaining(some.ids))
  expect((await gated(0.5)).ids).toEqual(some.ids)
  expect((await gated(1)).ids).toEqual([])
})

test('hooks transform what is recorded; a tap that throws masks', async () => {
  const bench = await open((world) => {
    world.taps.plan = (plan) => ({ ...plan, text: `${plan.text}!`, executable: `${plan.executable}!` })
    world.taps.edit = (edit) => ({ ...edit, notes: ['seen'] })
    world.taps.judge = (rollout) => {
      if (rollout.id === 's1/0') throw new Error('tap broke')
    }
  })
  const rollouts = await all(bench.engine.run(bench.requests(2)))
  expect(bench.world.log).toContain('edit paint s0/0!')
  expect(rollouts[0]).toMatchObject({ plan: { executable: 'paint s0/0!' }, edit: { notes: ['seen'] } })
  expect(rollouts[1]?.outcome).toMatchObject({
    kind: 'masked',
    failure: { kind: 'plugin-error', plugin: 'fake-taps', message: expect.stringContaining('tap broke') as string },
  })
  await bench.close()
})

test('memory is bounded: a slow consumer holds the Thinker back', async () => {
  const bench = await open(undefined, {}, { planBatch: 4 })
  const asked: number[] = []
  const endless = (function* () {
    for (const request of bench.requests(200)) {
      asked.push(asked.length)
      yield request
    }
  })()
  let taken = 0
  for await (const rollout of bench.engine.run(endless)) {
    taken += 1
    await wait(1)
    expect(asked.length - taken).toBeLessThanOrEqual(3 * 4)
    if (rollout.id === 's30/0') break
  }
  expect(asked.length).toBeLessThan(60)
  expect(bench.world.running).toEqual({ edit: 0, judge: 0 })
  await bench.close()
})

test('a soft stop lets edits under way end and keeps them; nothing new begins', async () => {
  const stop = new AbortController()
  const bench = await open(
    (world) => {
      world.editDelay = 5
      world.onEdit = () => stop.abort()
    },
    { engine: { concurrency: { edit: 2 } } },
    { stop: stop.signal },
  )
  const done: string[] = []
  const run = async () => {
    for await (const { id } of bench.engine.run(bench.requests(10))) done.push(id)
  }
  await expect(run()).rejects.toMatchObject({ code: 'DDA_INTERRUPTED' })
  expect(bench.world.edits).toBe(2)
  expect(bench.workspace.cache.size).toBeGreaterThanOrEqual(2)
  await bench.close()
})

test('a hard stop aborts the calls and masks nothing', async () => {
  const hard = new AbortController()
  const bench = await open(
    (world) => {
      world.onEdit = (_plan, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    },
    {},
    { signal: hard.signal },
  )
  setTimeout(() => hard.abort(), 20)
  await expect(all(bench.engine.run(bench.requests(3)))).rejects.toMatchObject({ code: 'DDA_INTERRUPTED' })
  await bench.close()
})

test('a full disk ends the run instead of masking, and nothing more is bought', async () => {
  const { fullDisk } = await import('../../../../test/support/full-disk.ts')
  const disk = fullDisk()
  const bench = await open(
    (world) => {
      world.onEdit = (plan) => {
        if (plan === 'paint s5/0') disk.room = 0
      }
    },
    { engine: { concurrency: { edit: 1 } } },
    { files: disk.files },
  )
  const done: Rollout[] = []
  const run = async () => {
    for await (const rollout of bench.engine.run(bench.requests(30))) done.push(rollout)
  }
  await expect(run()).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
  expect(done.every(({ outcome }) => outcome.kind === 'scored')).toBe(true)
  expect(bench.world.edits).toBeLessThanOrEqual(7)
  await bench.close()
})

const spoils: readonly ((verdicts: Verdict[]) => Verdict[])[] = [
  (verdicts) => verdicts.slice(1),
  (verdicts) => [...verdicts, ...verdicts],
  (verdicts) => verdicts.map((verdict) => ({ ...verdict, answer: 'maybe' as never })),
]

test.each(spoils)('a judge that answers too little, too much or nonsense masks with bad-output', async (spoil) => {
  const bench = await open((world) => {
    world.verdicts = spoil
  })
  const [rollout] = await all(bench.engine.run(bench.requests(1)))
  expect(rollout?.outcome).toMatchObject({
    failure: { kind: 'bad-output', code: 'DDA_JUDGE_BAD_OUTPUT', plugin: 'fake-judge' },
  })
  await bench.close()
})

test('each item goes to the first judge that can answer it, and the verdicts come in the order of the checklist', async () => {
  const checklist = [
    {
      id: 'kept',
      scope: 'visual',
      question: 'Is the rest as it was?',
      expected: 'yes',
      check: { kind: 'ssim', min: 0.9 },
    },
    { id: 'rotten', scope: 'visual', question: 'Is the banana rotten?', expected: 'yes' },
    { id: 'sharp', scope: 'visual', question: 'Is it sharp?', expected: 'yes', check: { kind: 'psnr', min: 30 } },
    { id: 'says', scope: 'cognitive', question: 'Does the plan rot it?', expected: 'yes' },
  ] as const
  const bench = await open(
    (world) => void (world.measures = ({ check }) => check !== undefined),
    {},
    { sample: { checklist } },
  )
  const [rollout] = await all(bench.engine.run(bench.requests(1)))
  expect(rollout?.verdicts.map(({ itemId, judge }) => [itemId, judge])).toEqual([
    ['says', 'fake-judge'],
    ['kept', 'fake-meter'],
    ['rotten', 'fake-judge'],
    ['sharp', 'fake-meter'],
  ])
  // What one judge answers it is asked in one request.
  expect(bench.world.log.filter((line) => line.startsWith('measure'))).toEqual(['measure visual kept sharp'])
  await bench.close()
})

test('what one judge cannot measure goes to the next that can, and masks where there is none', async () => {
  const checklist = [
    { id: 'kept', scope: 'visual', question: 'Is it kept?', expected: 'yes', check: { kind: 'ssim', min: 0.9 } },
    { id: 'sharp', scope: 'visual', question: 'Is it sharp?', expected: 'yes', check: { kind: 'psnr', min: 30 } },
    { id: 'rotten', scope: 'visual', question: 'Is the banana rotten?', expected: 'yes' },
  ] as const
  const unmeasured = ({ itemId }: Verdict): boolean => itemId === 'kept'
  const measures = ({ check }: { check?: unknown }): boolean => check !== undefined
  const bench = await open((world) => Object.assign(world, { measures, unmeasured }), {}, { sample: { checklist } })
  const [rollout] = await all(bench.engine.run(bench.requests(1)))
  expect(rollout?.verdicts.map(({ itemId, judge }) => [itemId, judge])).toEqual([
    ['kept', 'fake-judge'],
    ['sharp', 'fake-meter'],
    ['rotten', 'fake-judge'],
  ])
  expect(rollout?.outcome.kind).toBe('scored')
  await bench.close()

  const alone = await open(
    (world) => Object.assign(world, { measures, unmeasured, answersAll: ({ id }: { id: string }) => id === 'rotten' }),
    {},
    { sample: { checklist } },
  )
  const [masked] = await all(alone.engine.run(alone.requests(1)))
  expect(masked?.outcome).toMatchObject({
    kind: 'masked',
    failure: { code: 'DDA_JUDGE_UNMEASURED', kind: 'bad-output', stage: 'judge' },
  })
  expect(masked?.reward).toBeUndefined()
  await alone.close()
})

const referenceImage = { hash: 'e'.repeat(64), mediaType: 'image/png', width: 1, height: 1 } as const
const SEEN: Readonly<Record<'text' | 'picture' | 'nothing', Partial<Sample>>> = {
  text: { reference: 'A black banana.' },
  picture: { reference: '', referenceImage },
  nothing: { reference: '' },
}

test.each([undefined, [], ['instruction'], ['reference'], ['instruction', 'reference']] as const)(
  'a judge that declares %j is shown exactly that of the sample, and never the plan of an edit',
  async (sees) => {
    for (const sample of Object.values(SEEN)) {
      const questions: JudgeRequest[] = []
      const bench = await open(
        (world) => {
          world.judgeSees = sees
          world.onQuestion = (request) => void questions.push(request)
        },
        {},
        { sample },
      )
      const [request] = bench.requests(1)
      await all(bench.engine.run(bench.requests(1)))
      const { reference: text = '', referenceImage: image } = sample
      const nothing = text === '' && image === undefined
      const reference =
        !(sees as readonly string[] | undefined)?.includes('reference') || nothing
          ? {}
          : { reference: { text, ...(image === undefined ? {} : { image }) } }
      const instruction = (sees as readonly string[] | undefined)?.includes('instruction')
        ? { instruction: request?.sample.instruction }
        : {}
      const [plan, edit] = ['cognitive', 'visual'].map((scope) => questions.find((one) => one.scope === scope))
      const own = { items: expect.any(Array) as unknown }
      expect(plan).toEqual({
        ...own,
        scope: 'cognitive',
        instruction: request?.sample.instruction,
        plan: expect.any(String) as unknown,
        ...reference,
      })
      const pictures = { source: request?.sample.images, edited: expect.anything() as unknown }
      expect(edit).toEqual({ ...own, scope: 'visual', ...pictures, ...instruction, ...reference })
      await bench.close()
    }
  },
)

test('a verdict is reused for the same reference only, by a judge that sees it; by another for any', async () => {
  const made: Record<string, number> = {}
  for (const sees of [[], ['reference'], ['instruction']] as const) {
    const bench = await open((world) => void (world.judgeSees = sees))
    const [request] = bench.requests(1)
    if (request === undefined) throw new Error('a request')
    const variants: readonly Partial<Sample>[] = [
      { reference: 'One.' },
      { reference: 'Two.' },
      { reference: 'Two.', referenceImage },
      { reference: 'Two.', referenceImage: { ...referenceImage, hash: 'd'.repeat(64) } },
    ]
    for (const variant of variants) {
      await all(bench.engine.run([{ ...request, sample: { ...request.sample, ...variant } }]))
    }
    made[sees.join()] = bench.world.judgements.cognitive
    await bench.close()
  }
  expect(made).toEqual({ '': 1, reference: 4, instruction: 1 })
})

test('where one of two judges of a scope fails, the rollout is masked with that failure', async () => {
  const bench = await open((world) => {
    world.measures = ({ id }) => id === 'v1'
    world.onJudge = (scope) => {
      if (scope === 'measured') failWith('DDA_FAKE_LENS', 'bad-input')
    }
  })
  const rollouts = await all(bench.engine.run(bench.requests(2)))
  const failure = { kind: 'bad-input', stage: 'judge', code: 'DDA_FAKE_LENS', plugin: 'fake-judge' }
  for (const { outcome } of rollouts) expect(outcome).toMatchObject({ kind: 'masked', failure })
  await bench.close()
})

test('an item that no judge answers stops the run and names the item', async () => {
  const bench = await open((world) => {
    world.measures = ({ id }) => id !== 'v1'
    world.judgeScopes = ['cognitive']
  })
  const run = all(bench.engine.run(bench.requests(1)))
  await expect(run).rejects.toMatchObject({
    code: 'DDA_JUDGE_ITEM_UNCOVERED',
    message: expect.stringContaining('"v1"') as string,
  })
  await bench.close()
})
