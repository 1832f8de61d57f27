import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { readJournal, readRun } from '@dda-thinker/runs'
import { expect, test } from 'vitest'
import { failWith, png } from '../../../test/support/fake-world.ts'
import { serve, type Serving } from '../../../test/support/serving.ts'

const completion = (plan: string) => `<look>seen</look>\n<plan>${plan}</plan>`

const byText = (a: string, b: string) => a.localeCompare(b)

function nested(levels: number): object {
  let value: object = {}
  for (let level = 0; level < levels; level += 1) value = { value }
  return value
}

async function journalOf({ project }: Serving) {
  const lines = []
  for await (const line of readJournal(project.runDir)) lines.push(line)
  return lines
}

test('a plan is edited, judged and rewarded, and its streams and items add up to the reward', async () => {
  const serving = await serve()
  const { status, body } = await serving.post('/v1/score', {
    completion: completion('paint a sun'),
    sampleId: 'train-3',
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    sampleId: 'train-3',
    status: 'scored',
    format: { ok: true },
    items: [
      { id: 'c1', scope: 'cognitive', stream: 'cognitive' },
      { id: 'c2', scope: 'cognitive' },
      { id: 'v1', scope: 'visual', stream: 'visual' },
    ],
    edit: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    cache: 'none',
    timings: { deadlineSeconds: 100 },
  })
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  expect(sum(Object.values(body.streams))).toBeCloseTo(body.reward, 12)
  expect(Object.keys(body.streams)).toEqual(['cognitive', 'visual', 'format'])
  expect(serving.project.world.edits).toBe(1)
  // The executable plan alone is as if it had been written in its form.
  const alone = await serving.post('/v1/score', { plan: 'paint a sun', sampleId: 'train-3' })
  expect(alone.body).toMatchObject({ reward: body.reward, streams: body.streams, cache: 'none' })
  expect(serving.project.world.edits).toBe(1)
  const bad = await serving.post('/v1/score', { completion: 'paint a sun', sampleId: 'train-3' })
  expect(bad.body).toMatchObject({ status: 'gated', format: { ok: false, problem: '<look> is missing' } })
})

test('equal requests are one: those under way share it, later ones find it, and each is on the record', async () => {
  const serving = await serve()
  const { world } = serving.project
  world.editDelay = 50
  const request = { completion: completion('paint twice'), sampleId: 'train-0', step: 7, group: 'g' }
  const answers = await Promise.all([0, 1, 2, 3].map((member) => serving.post('/v1/score', { ...request, member })))
  answers.push(await serving.post('/v1/score', { ...request, member: 4 }))
  expect(answers.map(({ body }) => body.cache).toSorted(byText)).toEqual(['kept', 'none', 'shared', 'shared', 'shared'])
  expect(new Set(answers.map(({ body }) => body.reward)).size).toBe(1)
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(5)
  expect(world).toMatchObject({ edits: 1, judgements: { cognitive: 1, visual: 1 } })
  await serving.end()
  const lines = (await journalOf(serving)).filter((line) => line.type === 'rollout')
  expect(lines.map(({ step, rollout: { id, group } }) => `${step} ${group} ${id}`).toSorted(byText)).toEqual(
    answers.map(({ body }) => `7 g ${body.id}`).toSorted(byText),
  )
  expect(lines.map(({ rollout }) => rollout.member).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4])
})

test('a failure masks: the reward is null and nothing in the answer is a number for it; the next try may succeed', async () => {
  const serving = await serve()
  const { world } = serving.project
  world.onEdit = () => failWith('DDA_MADE_UP', 'timeout')
  const request = { completion: completion('paint late'), sampleId: 'train-1' }
  const { status, body } = await serving.post('/v1/score', request)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    status: 'masked',
    reward: null,
    components: {},
    streams: {},
    items: [],
    failure: { kind: 'timeout', stage: 'edit', code: 'DDA_MADE_UP', transient: true },
  })
  world.onEdit = () => undefined
  expect((await serving.post('/v1/score', request)).body).toMatchObject({ status: 'scored', cache: 'none' })
  // What will not pass is kept like any other answer.
  world.onEdit = () => failWith('DDA_MADE_UP', 'refusal')
  const final = { completion: completion('paint forbidden things'), sampleId: 'train-1' }
  const before = world.edits
  for (const cache of ['none', 'kept'])
    expect((await serving.post('/v1/score', final)).body).toMatchObject({
      reward: null,
      failure: { transient: false },
      cache,
    })
  expect(world.edits).toBe(before + 1)
})

test('of wanted streams only what they need is bought', async () => {
  const serving = await serve()
  const request = { completion: completion('paint a moon'), sampleId: 'train-2' }
  const plan = await serving.post('/v1/score', { ...request, streams: ['cognitive', 'format'] })
  expect(plan.body).toMatchObject({ status: 'scored' })
  expect(Object.keys(plan.body.streams)).toEqual(['cognitive', 'format'])
  expect(serving.project.world.edits).toBe(0)
  expect(await serving.post('/v1/score', { ...request, streams: ['taste'] })).toMatchObject({
    status: 422,
    body: { error: { code: 'DDA_SERVE_REQUEST', next: 'Its streams are: cognitive, visual, format.' } },
  })
})

test('a sample may come with its request; the record keeps it', async () => {
  const serving = await serve()
  const picture = Buffer.from(png(5)).toString('base64')
  const sample = {
    images: [`data:image/png;base64,${picture}`],
    instruction: 'What comes of it?',
    checklist: [{ id: 'v', scope: 'visual', question: 'Is it done?', expected: 'yes' }],
  }
  const first = await serving.post('/v1/score', { completion: completion('paint it'), sample })
  expect(first.body).toMatchObject({ status: 'scored', sampleId: expect.stringMatching(/^inline-[0-9a-f]{16}$/) })
  const same = await serving.post('/v1/score', {
    completion: completion('paint it'),
    sample: { ...sample, images: [picture] },
  })
  expect(same.body).toMatchObject({ cache: 'kept', sampleId: first.body.sampleId })
  const taken = await serving.post('/v1/score', { completion: completion('x'), sample: { ...sample, id: 'train-0' } })
  expect(taken).toMatchObject({ status: 409, body: { error: { code: 'DDA_SCORE_SAMPLE_TAKEN' } } })
  for (const images of [['no base64!'], [Buffer.from('no picture').toString('base64')]])
    expect(
      (await serving.post('/v1/score', { completion: completion('x'), sample: { ...sample, images } })).status,
    ).toBe(422)
  await serving.end()
  const lines = (await readFile(join(serving.project.runDir, 'samples.jsonl'), 'utf8')).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).id)).toEqual([first.body.sampleId])
})

test('a sample that comes with its request and is none is refused, and the run can be opened again', async () => {
  const serving = await serve()
  const item = { id: 'v', scope: 'visual', question: 'Is it done?', expected: 'yes' }
  const images = [Buffer.from(png(5)).toString('base64')]
  const sample = { id: 'mine', images, instruction: 'What comes of it?', checklist: [item] }
  for (const wrong of [{ checklist: [item, item] }, { instruction: ' ' }])
    expect(
      await serving.post('/v1/score', { completion: completion('x'), sample: { ...sample, ...wrong } }),
    ).toMatchObject({ status: 422, body: { error: { code: 'DDA_SERVE_REQUEST' } } })
  expect(serving.project.world.edits).toBe(0)
  await serving.end()
  const again = await serve({ root: serving.project.root })
  expect((await again.post('/v1/score', { completion: completion('x'), sample })).body.status).toBe('scored')
})

test('what is wrong with a request is told, and nothing is bought for it', async () => {
  const serving = await serve()
  const whole = { completion: completion('x'), sampleId: 'train-0' }
  const asked: [object, number, string][] = [
    [{ sampleId: 'train-0' }, 422, 'DDA_SERVE_REQUEST'],
    [{ ...whole, plan: 'x' }, 422, 'DDA_SERVE_REQUEST'],
    [{ completion: 'x' }, 422, 'DDA_SERVE_REQUEST'],
    [{ ...whole, sampleId: 'train-99' }, 404, 'DDA_SCORE_SAMPLE_UNKNOWN'],
    [{ ...whole, temperature: 1 }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [{ ...whole, seed: -1 }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [{ ...whole, completion: 7 }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [{ ...whole, sample: nested(600) }, 400, 'DDA_HTTP_BODY_INVALID'],
  ]
  for (const [body, status, code] of asked)
    expect(await serving.post('/v1/score', body)).toMatchObject({ status, body: { error: { code } } })
  expect(serving.project.world.edits).toBe(0)
})

test('a batch answers in its order, the errors of single requests among the scores', async () => {
  const serving = await serve()
  serving.project.world.onEdit = (plan) => {
    if (plan === 'paint 1') failWith('DDA_MADE_UP', 'server')
  }
  const requests = [0, 1, 0, 9].map((n) => ({ completion: completion(`paint ${n}`), sampleId: `train-${n}` }))
  const { status, body } = await serving.post('/v1/score/batch', { requests })
  expect(status).toBe(200)
  expect(body.results).toMatchObject([
    { status: 'scored', sampleId: 'train-0' },
    { status: 'masked', reward: null },
    { status: 'scored', sampleId: 'train-0', cache: 'shared' },
    { error: { code: 'DDA_SCORE_SAMPLE_UNKNOWN' } },
  ])
})

test('the answer comes before the deadline of its caller, and says that the work goes on; the same request finds it', async () => {
  const serving = await serve()
  const { world } = serving.project
  let finish: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (finish = resolve))
  world.onEdit = () => gate
  const request = { completion: completion('paint slowly'), sampleId: 'train-4', deadlineSeconds: 0.2 }
  expect(await serving.post('/v1/score', request)).toMatchObject({
    status: 503,
    body: { error: { code: 'DDA_SERVE_DEADLINE', message: expect.stringContaining('the work goes on') } },
  })
  finish()
  const { deadlineSeconds: _short, ...patient } = request
  expect((await serving.post('/v1/score', patient)).body).toMatchObject({ status: 'scored' })
  expect(world.edits).toBe(1)
})

test('slow Editors: a request is enqueued, asked for, and found again by its content', async () => {
  const serving = await serve()
  const { world } = serving.project
  let finish: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (finish = resolve))
  world.onEdit = (plan) => (plan === 'paint long' ? gate : failWith('DDA_MADE_UP', 'connection'))
  const request = { completion: completion('paint long'), sampleId: 'train-5' }
  const { status, body } = await serving.post('/v1/jobs', request)
  expect([status, body.status]).toEqual([202, 'pending'])
  expect((await serving.get(`/v1/jobs/${body.id}`)).body).toEqual({ id: body.id, status: 'pending' })
  expect((await serving.post('/v1/jobs', { ...request, member: 3 })).body.id).toBe(body.id)
  const waiting = serving.get(`/v1/jobs/${body.id}?wait=60`)
  finish()
  expect((await waiting).body).toMatchObject({ status: 'done', score: { status: 'scored' } })
  expect((await serving.post('/v1/jobs', request)).body).toMatchObject({ status: 'done' })
  expect(world.edits).toBe(1)
  const failing = await serving.post('/v1/jobs', {
    ...request,
    sampleId: 'train-6',
    plan: undefined,
    completion: completion('p'),
  })
  const ended = await serving.get(`/v1/jobs/${failing.body.id}?wait=60`)
  expect(ended.body).toMatchObject({ status: 'done', score: { status: 'masked', reward: null } })
  expect(await serving.get(`/v1/jobs/${'0'.repeat(32)}`)).toMatchObject({ status: 404 })
  expect((await serving.get('/v1/jobs/../../etc')).status).toBe(404)
})

test('a job that joined the work of a request has its end, and every job that may wait is found when it is done', async () => {
  const serving = await serve({ waiting: 12_000 })
  const { world } = serving.project
  let finish: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (finish = resolve))
  world.onEdit = () => gate.then(() => failWith('DDA_MADE_UP', 'timeout'))
  const request = { completion: completion('paint together'), sampleId: 'train-5' }
  const score = serving.post('/v1/score', request)
  while (serving.scorer.busy === 0) await wait(5)
  const { id } = (await serving.post('/v1/jobs', request)).body
  finish()
  expect((await score).body).toMatchObject({ status: 'masked' })
  expect((await serving.get(`/v1/jobs/${id}`)).body).toMatchObject({ status: 'done', score: { status: 'masked' } })
})

test('a budget that is used up refuses what would cost, and answers what is kept', async () => {
  const serving = await serve({ config: { budget: { edits: 1 } } })
  const request = { completion: completion('paint once'), sampleId: 'train-0' }
  expect((await serving.post('/v1/score', request)).status).toBe(200)
  expect(await serving.post('/v1/score', { ...request, completion: completion('paint more') })).toMatchObject({
    status: 503,
    body: { error: { code: 'DDA_BUDGET_EDITS' } },
  })
  expect((await serving.post('/v1/score', request)).body).toMatchObject({ status: 'scored', cache: 'kept' })
  expect(await serving.end()).toMatchObject({ state: 'interrupted', budget: { code: 'DDA_BUDGET_EDITS' } })
})

test('the run is one like any other: it goes on under the same name, and says what was spent', async () => {
  const first = await serve()
  await first.post('/v1/score', { completion: completion('paint a'), sampleId: 'train-0' })
  await first.end()
  const second = await serve({ root: first.project.root })
  // The results of before are kept in the project's cache.
  expect((await second.post('/v1/score', { completion: completion('paint a'), sampleId: 'train-0' })).status).toBe(200)
  await second.post('/v1/score', { completion: completion('paint b'), sampleId: 'train-0' })
  expect(second.project.world.edits).toBe(1)
  expect(await second.end()).toMatchObject({ state: 'finished', rollouts: 3, scores: { scored: 2 } })
  const run = await readRun(second.project.runDir)
  expect(run).toMatchObject({ manifest: { task: 'serve' }, status: { state: 'finished', step: 3 } })
  const lines = await journalOf(second)
  expect(lines.map(({ type }) => type)).toEqual(['thinker', 'rollout', 'rollout', 'rollout'])
  expect(new Set(lines.map((line) => (line.type === 'rollout' ? line.rollout.id : ''))).size).toBe(4)
})

test('draining: what is under way is answered and recorded; a failure of the run ends the service', async () => {
  const serving = await serve()
  const { world } = serving.project
  let finish: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (finish = resolve))
  let begin: () => void = () => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  world.onEdit = () => {
    begin()
    return gate
  }
  const answer = serving.post('/v1/score', { completion: completion('paint at last'), sampleId: 'train-0' })
  await begun
  const ended = serving.end()
  await wait(20)
  finish()
  expect((await answer).body).toMatchObject({ status: 'scored' })
  expect(await ended).toMatchObject({ rollouts: 1 })

  const broken = await serve()
  broken.project.world.onEdit = () => failWith('DDA_FILE_SYSTEM', undefined)
  const told = await broken.post('/v1/score', { completion: completion('x'), sampleId: 'train-0' })
  expect(told).toMatchObject({ status: 503, body: { error: { code: expect.any(String) } } })
  await expect(broken.end()).rejects.toMatchObject({ code: expect.any(String) })
  expect((await readRun(broken.project.runDir)).status.state).toBe('stopped')
})

test('draining: jobs that were taken are scored, and a caller has the whole of its own deadline', async () => {
  const serving = await serve()
  const { world } = serving.project
  world.editDelay = 100
  const jobs = await Promise.all(
    [0, 1, 2, 3].map((n) => serving.post('/v1/jobs', { completion: completion(`paint ${n}`), sampleId: 'train-0' })),
  )
  expect(jobs.map(({ status }) => status)).toEqual([202, 202, 202, 202])
  const long = serving.post('/v1/score', {
    completion: completion('paint last'),
    sampleId: 'train-1',
    deadlineSeconds: 900,
  })
  while (serving.scorer.busy < 5) await wait(5)
  expect(serving.scorer.secondsToAnswer).toBeGreaterThan(800)
  const ended = serving.end()
  expect((await long).body).toMatchObject({ status: 'scored' })
  expect(await ended).toMatchObject({ state: 'finished', rollouts: 5, scores: { scored: 5 } })
  expect(serving.scorer.interrupted).toBe(0)
})

test('it describes itself, and counts', async () => {
  const serving = await serve()
  await serving.post('/v1/score', { completion: completion('paint a'), sampleId: 'train-0' })
  const { body: api } = await serving.get('/openapi.json')
  const paths = [
    '/v1/score',
    '/v1/score/batch',
    '/v1/jobs',
    '/v1/jobs/{id}',
    '/v1/info',
    '/metrics',
    '/get_reward',
    '/rm',
    '/verify',
  ]
  for (const path of paths) expect(Object.keys(api.paths)).toContain(path)
  expect(Object.keys(api.paths)).not.toContain('/healthz')
  expect((await serving.get('/v1/info')).body).toMatchObject({
    streams: ['cognitive', 'visual', 'format'],
    samples: 12,
  })
  serving.project.world.onEdit = (plan) => {
    if (plan === 'paint c') failWith('DDA_MADE_UP', 'refusal')
  }
  const job = await serving.post('/v1/jobs', { completion: completion('paint b'), sampleId: 'train-0' })
  for (let poll = 0; poll < 3; poll += 1) await serving.get(`/v1/jobs/${job.body.id}?wait=60`)
  expect((await serving.post('/rm', { prompt: '', response: completion('paint c'), label: 'train-0' })).status).toBe(
    503,
  )
  expect((await serving.post('/rm', { prompt: '', response: completion('paint b'), label: 'train-0' })).status).toBe(
    200,
  )
  const { text: metrics } = await serving.get('/metrics')
  expect(metrics).toMatch(/^dda_scores_total\{status="masked",kind="refusal",cache="none"\} 1$/m)
  expect(metrics).toMatch(/^dda_scores_total\{status="scored",kind="",cache="kept"\} 1$/m)
  expect(metrics).toMatch(/^dda_scores_total\{status="scored",kind="",cache="none"\} 2$/m)
  expect(metrics).toMatch(/^dda_edits_made_total 2$/m)
  expect(metrics).toMatch(/^dda_http_requests_total\{route="\/v1\/score",status="200"\} 1$/m)
})
