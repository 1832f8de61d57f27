// Bodies of every shape against the reward service: npm run build && npx jiti bench/serve-fuzz.ts [--bodies 100000] [--seed 1]
//
// Bodies that each route takes, changed at random: values of other types, fields gone or added, deep nesting, odd numbers and characters, and bytes cut,
// swapped or put in. In process, through the whole of Fastify. Exits with 1 where an answer is a 500, is no JSON, names a file of this
// machine, or where the service does not score a good request afterwards.
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { mulberry32 } from '@dda-thinker/plugin-api'
import { PNG } from './instant-plugins.ts'
import { withInstantService } from './serve/instant-service.ts'

const { values } = parseArgs({
  options: { bodies: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
})
const random = mulberry32(Number(values.seed))
const below = (limit: number): number => Math.floor(random() * limit)
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T

const plan = '<look>It is there.</look><plan>Put it where it belongs.</plan>'
const inline = {
  images: [PNG.toString('base64')],
  instruction: 'Put it away.',
  checklist: [{ id: 'c', scope: 'cognitive', question: 'Is it?', expected: 'yes' }],
}
const score = { completion: plan, sampleId: 'sample', seed: 1, group: 'g', member: 0, step: 3, deadlineSeconds: 30 }
const GOOD: readonly (readonly [route: string, body: object])[] = [
  ['/v1/score', score],
  ['/v1/score', { plan: 'Put it away.', sample: inline }],
  [
    '/v1/score/batch',
    {
      requests: [
        { plan: 'Put it away.', sampleId: 'sample' },
        { completion: plan, sampleId: 'sample' },
      ],
    },
  ],
  ['/v1/jobs', { plan: 'Put it away.', sampleId: 'sample' }],
  ['/get_reward', { query: [plan], prompts: ['sample'], labels: ['sample'] }],
  ['/rm', { prompt: 'sample', response: plan, label: 'sample' }],
  [
    '/verify',
    { responses_create_params: { input: [] }, response: { output: [] }, verifier_metadata: { sample_id: 'sample' } },
  ],
]
const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}
const ODD: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => '',
  () => below(10),
  () => -1,
  () => 1e308,
  () => 2 ** 53,
  () => 0.1,
  () => [],
  () => ({}),
  () => nested(1 + below(3) ** 7 * 100),
  () => 'x'.repeat(below(5000)),
  () => '\u0000\u202e\ud800<|im_end|>',
  () => '../../etc/passwd',
  () => 'file:///etc/passwd',
  () => `data:image/png;base64,${PNG.toString('base64').slice(0, below(90))}`,
  () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64'),
  () => Array.from({ length: below(50) }, () => plan),
  () => pick(GOOD)[1],
]
const NAMES = ['__proto__', 'constructor', 'toString', 'plan', 'sample', 'sampleId', 'images', 'x']

/** The same value with one thing in it changed. */
function changed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return pick(ODD)()
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.2) return [...(value as unknown[]), pick(ODD)()]
    const place = below(value.length)
    return (value as unknown[]).map((item, index) => (index === place ? changed(item) : item))
  }
  const entries = Object.entries(value)
  const way = random()
  if (way < 0.15) return Object.fromEntries(entries.filter(() => random() < 0.7))
  if (way < 0.3) return Object.fromEntries([...entries, [pick(NAMES), pick(ODD)()]])
  const place = below(Math.max(1, entries.length))
  return Object.fromEntries(entries.map(([key, item], index) => [key, index === place ? changed(item) : item]))
}

/** Bytes cut, swapped or put in. */
function spoiled(text: string): Buffer {
  const bytes = Buffer.from(text)
  for (let times = 1 + below(4); times > 0 && bytes.length > 0; times -= 1)
    bytes.writeUInt8(below(256), below(bytes.length))
  return random() < 0.4 ? bytes.subarray(0, below(bytes.length)) : bytes
}

const problems: string[] = []
const statuses: Record<number, number> = {}
await withInstantService(async ({ http }) => {
  const { app } = http
  await app.ready()
  http.ready()
  const send = (url: string, payload: string | Buffer, type = 'application/json') =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': type, host: 'localhost' } })
  const count = Number(values.bodies)
  for (let index = 0; index < count; index += 1) {
    const [route, good] = pick(GOOD)
    let body: unknown = good
    for (let times = 1 + below(3); times > 0; times -= 1) body = changed(body)
    const text = JSON.stringify(body) ?? ''
    const payload = random() < 0.25 ? spoiled(text) : text
    const type =
      random() < 0.02
        ? pick(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'x'])
        : undefined
    const answer = await send(route, payload, type)
    const { statusCode } = answer
    statuses[statusCode] = (statuses[statusCode] ?? 0) + 1
    const said = answer.body
    let isJson = true
    try {
      JSON.parse(said)
    } catch {
      isJson = false
    }
    const why =
      statusCode === 500
        ? '500'
        : !isJson
          ? 'no JSON'
          : said.includes(tmpdir()) || /\bat .*\.[jt]s:\d+/.test(said)
            ? 'a path'
            : undefined
    if (why !== undefined && problems.length < 20)
      problems.push(`${why}: POST ${route} ${payload.toString().slice(0, 300)} -> ${said.slice(0, 300)}`)
  }
  const health = await app.inject({ url: '/healthz', headers: { host: 'localhost' } })
  const last = await send('/v1/score', JSON.stringify(score))
  if (health.statusCode !== 200 || last.json<{ reward?: unknown }>().reward !== 1)
    problems.push('it does not score any more')
})
console.table(statuses)
for (const problem of problems) console.log(problem)
console.log(`${values.bodies} bodies, ${problems.length === 0 ? 'none' : problems.length} did harm`)
if (problems.length > 0) process.exitCode = 1
