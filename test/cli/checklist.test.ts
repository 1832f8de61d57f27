import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  answers,
  checklistOf,
  drawn,
  hashOf,
  instructionOf,
  referenceOf,
  soundAnswer,
  startVlm,
  type Asked,
  type Reply,
  type Vlm,
} from '../../plugins/synthesizer-vlm/src/vlm.fixture.ts'
import { root, temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

vi.setConfig({ testTimeout: 600_000 })

const folder = temporaryFolder()
const plugin = (name: string) => join(root, 'plugins', name, 'src/index.ts')
const NUMBERS = new Map(Array.from({ length: 12 }, (_, number) => [hashOf(drawn(number)), number]))
const REFUSED = 5
let server: Vlm
/** From this call on the service is not there. */
let endsAt = Number.POSITIVE_INFINITY

function reply(asked: Asked): Reply {
  if (server.asked.length > endsAt) return 402
  const number = NUMBERS.get(asked.pictures[0] ?? '') ?? 0
  if (asked.prompt === 'propose') return JSON.stringify({ instruction: instructionOf(number, asked.seed) })
  if (asked.prompt === 'reference') return JSON.stringify({ reference: referenceOf(number) })
  if (asked.prompt === 'checklist') {
    return number === REFUSED ? { refusal: 'Not this one.' } : JSON.stringify(checklistOf(number))
  }
  return answers(asked, asked.prompt === 'source' ? soundAnswer : () => undefined)
}

beforeAll(async () => {
  server = await startVlm(reply)
  mkdirSync(join(folder, 'pictures'))
  for (const number of NUMBERS.values()) {
    writeFileSync(join(folder, 'pictures', `${number}.png`), drawn(number))
    writeFileSync(join(folder, 'pictures', `${number}.txt`), instructionOf(number))
  }
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const vlm = (more: object = {}) => ({
  use: plugin('synthesizer-vlm'),
  endpoint: server.url,
  model: 'vlm',
  perEndpoint: 2,
  batch: 4,
  attempts: 1,
  retryDelaySeconds: 0,
  ...more,
})

function configure(synthesizer: readonly object[], more: object = {}): void {
  const config = { synthesizer, synthesize: { count: { train: 100, 'held-out': 100 } }, ...more }
  writeFileSync(join(folder, 'dda.config.yaml'), JSON.stringify(config))
}

const lines = (name: string) =>
  readFileSync(join(folder, 'data', name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('own pictures and instructions get references and checklists; what ends half way goes on where it stopped', async () => {
  configure([{ use: plugin('synthesizer-dataset'), path: './pictures' }])
  await ddaHere(folder, 'synthesize')
  const none = await ddaHere(folder, 'checklist')
  expect(none).toMatchObject({ ok: false, error: { code: 'DDA_NO_ANNOTATOR' } })
  const before = readFileSync(join(folder, 'data/samples.jsonl'), 'utf8')

  configure([{ use: plugin('synthesizer-dataset'), path: './pictures' }, vlm()])
  endsAt = 24
  const stopped = await ddaHere(folder, 'checklist')
  expect(stopped).toMatchObject({ ok: false, error: { code: 'DDA_ENDPOINT_PAYMENT' } })
  expect(readFileSync(join(folder, 'data/samples.jsonl'), 'utf8')).toBe(before)

  endsAt = Number.POSITIVE_INFINITY
  const { data } = await ddaHere(folder, 'checklist')
  expect(data).toMatchObject({ samples: 12, annotated: 11, without: 1, setAside: { 'the model refused': 1 } })
  expect(lines('checklist-set-aside.jsonl')).toMatchObject([
    { where: `${REFUSED}/${REFUSED}`, reason: 'the model refused' },
  ])
  // Five questions a sample, one of them refused, and no answer bought twice but those under way at the end.
  const questions = 12 * 5 - 3
  const failed = server.asked.length - questions
  expect(failed).toBeGreaterThan(0)
  expect(failed).toBeLessThanOrEqual(16)
  const samples = lines('samples.jsonl')
  expect(samples.filter(({ checklist }) => checklist.length === 5)).toHaveLength(11)
  expect(samples[0]).toMatchObject({ reference: referenceOf(0), provenance: { plugin: 'synthesizer-dataset' } })

  const asked = server.asked.length
  const again = await ddaHere(folder, 'checklist')
  expect(again.data).toMatchObject({ annotated: 0, without: 1 })
  expect(server.asked.length - asked).toBeLessThanOrEqual(2)
})

test('a synthesis ends where its money is spent, and goes on with more of it', async () => {
  const price = { perCall: 1 }
  const made = { ...vlm({ images: './pictures', perImage: 1, price }) }
  rmSync(join(folder, 'data'), { recursive: true })
  configure([made], { budget: { money: 10 } })
  const spent = await ddaHere(folder, 'synthesize')
  expect(spent).toMatchObject({ ok: false, error: { code: 'DDA_BUDGET_MONEY' } })
  expect(spent.error.next).toContain('budget.money')
  configure([made], { budget: { money: 1000 } })
  const { data } = await ddaHere(folder, 'synthesize')
  expect(data).toMatchObject({ samples: 11, setAside: { 'the model refused': 1 } })
})
