import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { RunColumns } from '../../packages/viewer/src/columns/run-columns.ts'
import { applyChunk } from '../../packages/viewer/src/columns/wire.ts'
import type {
  BlindRollout,
  NewAnswers,
  RolloutDetail,
  RowAnnotation,
  RunAgreement,
  Sample,
} from '../../packages/viewer/src/wire/view-data.ts'
import type { Folder } from '../support/tiny-tabletop.ts'
import { startViewer, viewedProject } from '../support/viewed-project.ts'

const RUN = 'evaluation'
const TOKEN = 'a-token-of-24-characters'
let project: Folder
let url: string
let file: string

beforeAll(async () => {
  project = await viewedProject()
  file = join(project.dir, 'runs', RUN, 'annotations.jsonl')
  const viewer = await startViewer(project)
  url = viewer.url
  return async () => {
    await viewer.end()
    project.remove()
  }
}, 300_000)
afterEach(() => rmSync(file, { force: true, recursive: true }))

const path = (name: string, base = url) => `${base}/data/runs/${RUN}/${name}`

async function read(name: string, base = url): Promise<unknown> {
  const response = await fetch(path(name, base))
  expect(response.status, name).toBe(200)
  return response.json()
}

interface Asked {
  readonly row: number
  readonly rollout: RolloutDetail['rollout']
  /** Those that a judge was asked: with what passes, and whether the judge's answer did. */
  readonly items: readonly { readonly id: string; readonly expected: string; readonly judge: boolean }[]
}

/** Rollouts and the items that people are asked. */
async function asked(...rows: readonly number[]): Promise<readonly Asked[]> {
  const samples = readFileSync(join(project.dir, 'data/samples.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample)
  const details = (await read(`rollouts.json?rows=${rows.join(',')}`)) as RolloutDetail[]
  return details.map(({ row, rollout }) => {
    const checklist = samples.find(({ id }) => id === rollout.sampleId)?.checklist ?? []
    const items = checklist.flatMap(({ id, expected }) => {
      const verdict = rollout.verdicts.find(({ itemId }) => itemId === id)
      return verdict === undefined ? [] : [{ id, expected, judge: verdict.answer === expected }]
    })
    return { row, rollout, items }
  })
}

async function first(row = 3): Promise<Asked> {
  const [one] = await asked(row)
  if (one === undefined) throw new Error(`no rollout ${row}`)
  return one
}

/** Answers to the first items of a rollout. */
function given(
  { row, rollout, items }: Asked,
  answers: readonly ('yes' | 'no' | 'unsure' | null)[],
  over: Partial<NewAnswers> = {},
): NewAnswers {
  const to = answers.map((answer, i) => ({ item: items[i]?.id ?? '', answer }))
  return { row, rollout: rollout.id, by: 'ann', blind: true, answers: to, ...over }
}

function post(body: unknown, headers: Record<string, string> = {}, base = url): Promise<Response> {
  return fetch(path('annotations.json', base), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function refusal(response: Response): Promise<unknown> {
  return [response.status, ((await response.json()) as { error?: { code?: string } }).error?.code]
}

const lines = () =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('answers are appended, one line each; the last of each person holds, and null takes one back', async () => {
  const one = await first()
  for (const body of [
    given(one, ['yes', 'no']),
    given(one, ['no']),
    given(one, ['yes'], { by: 'bob', blind: false }),
    given(one, [null], { by: 'bob' }),
  ])
    expect((await post(body)).status).toBe(201)
  expect(lines().map(({ by, answer, blind }) => [by, answer, blind])).toEqual([
    ['ann', 'yes', true],
    ['ann', 'no', true],
    ['ann', 'no', true],
    ['bob', 'yes', undefined],
    ['bob', null, true],
  ])
  const current = async () =>
    ((await read('annotations.json')) as RowAnnotation[]).map(({ row, by, answer }) => [row, by, answer])
  const expected = [
    [3, 'ann', 'no'],
    [3, 'ann', 'no'],
  ]
  expect(await current()).toEqual(expected)
  // Of a rollout that the run does not have, and a line that was cut off: the others hold.
  appendFileSync(
    file,
    `${JSON.stringify({ rollout: 'gone', item: 'i', answer: 'yes', by: 'eve', at: '2026-01-01' })}\n{"r`,
  )
  expect(await current()).toEqual(expected)
})

test('who had answered all of a rollout was shown what the judge says: no later answer is blind, whatever is claimed', async () => {
  const one = await first(4)
  await post(
    given(
      one,
      one.items.map(() => 'yes'),
    ),
  )
  await post(given(one, [null]))
  await post(given(one, ['no']))
  await post(given(one, ['no'], { by: 'bob' }))
  expect(lines()[0]?.['blind']).toBe(true)
  const [again, other] = lines().slice(-2)
  expect([again?.['by'], again?.['blind'], other?.['by'], other?.['blind']]).toEqual(['ann', undefined, 'bob', true])
})

/** What the blind page is told of a row. */
async function blindly(row: number, by: string, base = url): Promise<BlindRollout> {
  return (await read(`questions.json?row=${row}&by=${by}`, base)) as BlindRollout
}

/** The first rollout that was edited. */
async function edited(): Promise<Asked> {
  const found = (await asked(...Array(24).keys())).find(({ rollout }) => rollout.edit !== undefined)
  if (found === undefined) throw new Error('nothing was edited')
  return found
}

test('blind, the server gives what the judges were shown and nothing that they said: the edit first, then the plan, then the rest', async () => {
  const { row, rollout, items } = await edited()
  const say = (ids: readonly string[], by = 'ann') =>
    post({ row, rollout: rollout.id, by, blind: true, answers: ids.map((item) => ({ item, answer: 'yes' })) })
  await say([items[0]?.id ?? ''], 'bob')
  const told = [
    ...rollout.verdicts.flatMap(({ judge, reason }) => [judge, ...(reason === undefined ? [] : [reason])]),
    'verdict',
    'expected',
    'outcome',
    'reward',
    'bob',
  ]
  const first = await blindly(row, 'ann')
  const plan = rollout.plan?.executable ?? ''
  for (const secret of [...told, plan, rollout.plan?.text ?? plan]) expect(JSON.stringify(first)).not.toContain(secret)
  expect(first.questions.length * first.later).toBeGreaterThan(0)
  expect(first.questions.length + first.later).toBe(items.length)
  for (const { scope, shown } of first.questions) {
    expect([scope, Object.keys(shown).toSorted()]).toEqual(['visual', ['edit', 'source']])
    expect(shown.edit).toContain(rollout.edit?.image.hash)
  }
  await say(first.questions.slice(1).map(({ id }) => id))
  expect(await blindly(row, 'ann')).toEqual(first)
  await say(first.questions.slice(0, 1).map(({ id }) => id))
  const second = await blindly(row, 'ann')
  for (const secret of told) expect(JSON.stringify(second)).not.toContain(secret)
  expect([second.questions.length, second.later]).toEqual([first.later, 0])
  for (const { scope, shown } of second.questions)
    expect([scope, Object.keys(shown).toSorted(), shown.plan]).toEqual(['cognitive', ['instruction', 'plan'], plan])
  // Whoever knows the plan looks at the edit with other eyes.
  await say(first.questions.slice(0, 1).map(({ id }) => id))
  await say(second.questions.map(({ id }) => id))
  expect(lines().filter(({ by, blind }) => by === 'ann' && blind !== true)).toHaveLength(1)
  expect((await blindly(row, 'ann')).others).toMatchObject([{ by: 'bob', answer: 'yes' }])
  expect((await blindly(row, 'eve')).others).toBeUndefined()
  expect(await read('questions.json?row=9999&by=ann')).toBeNull()
  expect(((await read('annotations.json?by=bob')) as RowAnnotation[]).map(({ by }) => by)).toEqual(['bob'])
})

test('blind columns hold no outcome, failure, reward or pass of any row', async () => {
  const columns = async (query: string) => {
    const found = new RunColumns()
    const response = await fetch(path(`columns.bin?generation=0${query}`))
    applyChunk(found, new Uint8Array(await response.arrayBuffer()))
    return found
  }
  await read('rollouts.json?rows=23')
  const [open, blind] = [await columns(''), await columns('&blind=1')]
  expect([blind.length, blind.items.item.length]).toEqual([24, open.items.item.length])
  const valuesOf = ({ rows, items }: RunColumns) =>
    ({ ...rows, ...items }) as unknown as Record<string, { readonly length: number; at(place: number): number }>
  const [known, hidden] = [valuesOf(open), valuesOf(blind)]
  for (const name of Object.keys(known)) {
    const of = (from: typeof known) => Array.from({ length: from[name]?.length ?? 0 }, (_, at) => from[name]?.at(at))
    const isTelling = ['outcome', 'fault', 'failure', 'reward', 'passed'].includes(name)
    if (isTelling) expect([name, new Set(of(hidden)).size]).toEqual([name, 1])
    else expect([name, of(hidden)]).toEqual([name, of(known)])
  }
  expect(new Set(Array.from({ length: 24 }, (_, row) => open.rows.outcome.at(row))).size).toBeGreaterThan(1)
  expect(blind.rows.reward.at(0)).toBeNaN()
  expect(blind.failures).toEqual([])
})

test('of a sample a person sees what the judge of each question is recorded to see', async () => {
  const { row, rollout } = await edited()
  const [verdict] = rollout.verdicts
  const copy = await viewedProject()
  onTestFinished(copy.remove)
  const file = join(copy.dir, 'runs', RUN, 'run.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { sights: Record<string, string[]> }
  // Made by the run: the judge of the table sees nothing but picture or plan.
  expect(manifest.sights).toEqual({ [verdict?.judge ?? '']: [] })
  manifest.sights = { [verdict?.judge ?? '']: ['instruction', 'reference'] }
  writeFileSync(file, JSON.stringify(manifest))
  const viewer = await startViewer(copy)
  onTestFinished(async () => void (await viewer.end()))
  for (const { shown } of (await blindly(row, 'ann', viewer.url)).questions)
    expect(Object.keys(shown).toSorted()).toEqual(['edit', 'instruction', 'reference', 'source'])
})

test('what can be no answer is refused with a code, and nothing of it is written', async () => {
  const one = await first()
  const [other] = await asked(4)
  const two = (over: object) => {
    const body = given(one, ['yes', 'no'])
    return { ...body, answers: body.answers.map((answer, i) => (i === 1 ? { ...answer, ...over } : answer)) }
  }
  const refused: [unknown, number, string][] = [
    [two({ item: 'no-such-item' }), 400, 'DDA_VIEW_ANSWER'],
    [{ ...two({}), rollout: other?.rollout.id }, 400, 'DDA_VIEW_ANSWER'],
    [{ ...two({}), row: 9999 }, 400, 'DDA_VIEW_ANSWER'],
    [{ ...two({}), row: -1 }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [two({ answer: 'maybe' }), 400, 'DDA_HTTP_REQUEST_INVALID'],
    [two({ at: '1999-01-01' }), 400, 'DDA_HTTP_REQUEST_INVALID'],
    [{ ...two({}), by: '' }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [{ ...two({}), by: 'x'.repeat(201) }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [{ ...two({}), answers: [] }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    [{ ...two({}), answers: Array(201).fill(two({}).answers[0]) }, 400, 'DDA_HTTP_REQUEST_INVALID'],
    ['{"by":', 400, 'DDA_HTTP_BODY_INVALID'],
    [' '.repeat(2 ** 20 + 1), 413, 'DDA_HTTP_BODY_TOO_LARGE'],
  ]
  for (const [body, status, code] of refused)
    expect([body, await refusal(await post(body))]).toEqual([body, [status, code]])
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect(await refusal(await post(two({}), form))).toEqual([415, 'DDA_HTTP_MEDIA_TYPE'])
  const elsewhere = await fetch(`${url}/data/runs/none/annotations.json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(two({})),
  })
  expect(await refusal(elsewhere)).toEqual([404, 'DDA_VIEW_RUN'])
  for (const query of ['seed=x&rows=3', 'seed=1&rows=-3', 'seed=1e3&rows=3'])
    expect(await refusal(await fetch(path(`draws.bin?${query}`)))).toEqual([400, 'DDA_VIEW_REQUEST'])
  expect(existsSync(file)).toBe(false)
})

test('nobody writes from another origin, or off loopback without the token', async () => {
  const body = given(await first(), ['yes'])
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  ] as Record<string, string>[])
    expect(await refusal(await post(body, headers))).toEqual([403, 'DDA_HTTP_FOREIGN_ORIGIN'])
  await expect(startViewer(project, { host: '0.0.0.0' })).rejects.toMatchObject({ code: 'DDA_HTTP_NO_TOKEN' })
  const locked = await startViewer(project, { host: '0.0.0.0', token: TOKEN })
  onTestFinished(async () => void (await locked.end()))
  const base = locked.url.replace('0.0.0.0', '127.0.0.1')
  expect(await refusal(await post(body, {}, base))).toEqual([401, 'DDA_HTTP_UNAUTHORISED'])
  expect(existsSync(file)).toBe(false)
  expect((await post(body, { authorization: `Bearer ${TOKEN}` }, base)).status).toBe(201)
  expect(lines()).toHaveLength(1)
})

test('two people at once, through two servers, lose nothing', async () => {
  const other = await startViewer(project)
  onTestFinished(async () => void (await other.end()))
  const note = 'n'.repeat(3000)
  const sent = (await asked(0, 1, 2, 3, 4, 5, 6, 7)).flatMap((one) =>
    [url, other.url].flatMap((base, person) =>
      one.items.map(({ id }) =>
        post(given(one, [], { by: `person ${person}`, answers: [{ item: id, answer: 'yes', note }] }), {}, base),
      ),
    ),
  )
  expect(sent.length).toBeGreaterThan(16)
  for (const response of await Promise.all(sent)) expect(response.status).toBe(201)
  expect(lines()).toHaveLength(sent.length)
  expect(await read('annotations.json')).toHaveLength(sent.length)
})

test('where answers cannot be written it says so by its code, and the rest is shown', async () => {
  const body = given(await first(), ['yes'])
  // Nobody, root included, appends to a folder.
  mkdirSync(file)
  const response = await post(body)
  const { error } = (await response.json()) as { error: { code: string; next?: string; message: string } }
  expect(error).toMatchObject({ code: 'DDA_VIEW_ANSWER_LOST', next: expect.stringMatching(/annotations\.jsonl/) })
  expect(error.message).not.toContain(project.dir)
  expect(response.status).toBeGreaterThanOrEqual(400)
  await read('rollouts.json?rows=3')
  expect((await fetch(url)).status).toBe(200)
})

test('agreement is what counting by hand gives, and the calibration set what most people say', async () => {
  expect(await read('agreement.json')).toMatchObject({ judges: null, people: [] })
  const rollouts = await asked(0, 1, 2, 3, 4, 5)
  const counts = { bothPass: 0, bothFail: 0, judgeOnly: 0, humanOnly: 0 }
  let [alike, both] = [0, 0]
  for (const [place, one] of rollouts.entries()) {
    const ann = one.items.map((_item, i) => ((i + place) % 3 === 0 ? ('no' as const) : ('yes' as const)))
    // Bob says the same but of every fourth, of which he is not sure, and of the last, where he says the other.
    const bob = ann.map((answer, i) =>
      i % 4 === 3 ? ('unsure' as const) : i === 0 ? (answer === 'yes' ? 'no' : 'yes') : answer,
    )
    await post(given(one, ann))
    await post(given(one, bob as 'yes'[], { by: 'bob' }))
    one.items.forEach(({ expected, judge }, i) => {
      if (bob[i] !== 'unsure') both += 1
      if (bob[i] === ann[i]) alike += 1
      // One against one is a tie.
      if (bob[i] !== 'unsure' && bob[i] !== ann[i]) return
      const human = ann[i] === expected
      counts[human ? (judge ? 'bothPass' : 'humanOnly') : judge ? 'judgeOnly' : 'bothFail'] += 1
    })
  }
  const { bothPass: tp, bothFail: tn, judgeOnly: fp, humanOnly: fn } = counts
  expect([tp + tn > 0, fp + fn > 0, tp + fn > 0, tn + fp > 0, alike > 0, alike < both]).toEqual(Array(6).fill(true))
  const total = tp + tn + fp + fn
  const chance = ((tp + fn) * (tp + fp) + (tn + fp) * (tn + fn)) / total ** 2
  const { judges, people } = (await read('agreement.json')) as RunAgreement
  expect(judges?.all).toMatchObject({ count: total, ...counts })
  expect(judges?.all.raw.value).toBeCloseTo((tp + tn) / total, 12)
  expect(judges?.all.kappa).toBeCloseTo(((tp + tn) / total - chance) / (1 - chance), 12)
  expect(judges?.all.sensitivity.value).toBeCloseTo(tp / (tp + fn), 12)
  expect(judges?.all.specificity.value).toBeCloseTo(tn / (tn + fp), 12)
  // Wilson at 95 %, written out.
  const [z, p] = [1.959963984540054, (tp + tn) / total]
  const half = (z * Math.sqrt((p * (1 - p)) / total + (z / (2 * total)) ** 2)) / (1 + z ** 2 / total)
  const centre = (p + z ** 2 / (2 * total)) / (1 + z ** 2 / total)
  expect(judges?.all.raw.low).toBeCloseTo(centre - half, 9)
  expect(judges?.all.raw.high).toBeCloseTo(centre + half, 9)
  expect(people).toMatchObject([{ people: ['ann', 'bob'], count: both, raw: { value: alike / both } }])
  const set = await fetch(path('calibration.jsonl'))
  expect(set.headers.get('content-disposition')).toContain('attachment')
  expect((await set.text()).trimEnd().split('\n')).toHaveLength(total)
})

test('a seed draws the same order for all, and rows that are added later do not change it', async () => {
  const draws = async (seed: number, rows: number) =>
    new Uint32Array(await (await fetch(path(`draws.bin?seed=${seed}&rows=${rows}`))).arrayBuffer())
  await read('rollouts.json?rows=0')
  const all = await draws(7, 24)
  expect(all).toHaveLength(24)
  expect(await draws(7, 24)).toEqual(all)
  expect(await draws(7, 5)).toEqual(all.slice(0, 5))
  expect(await draws(8, 24)).not.toEqual(all)
  expect(new Set(all).size).toBe(24)
})
