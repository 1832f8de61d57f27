import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SetAside, SynthesisContext } from '@dda-thinker/plugin-api'
import { collect, makeContext, makePng } from '@dda-thinker/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ITEM_REASONS, TASK_REASONS, vlmSynthesizer, type VlmSynthesizerOptions } from './index.ts'
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
} from './vlm.fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'synthesizer-vlm-'))
const images = join(folder, 'images')
const benchmark = join(folder, 'benchmark')
afterAll(() => rm(folder, { recursive: true }))

/** Numbers of pictures by what is wrong with them, or with what the model writes about them. */
const SOUND = [0, 1]
const [MALFORMED_ONCE, MALFORMED, PROSE_REFUSAL, REFUSAL, REPEATED, CONTAMINATED, UNSUITABLE] = [2, 3, 4, 5, 6, 7, 8]
const [NO_REFERENCE, NO_ITEMS, BROKEN_SERVICE, BAD_ITEMS, EXAMPLE] = [9, 10, 11, 12, 13]
const NUMBERS = Array.from({ length: 14 }, (_, number) => number)

const OFFICIAL = 'Draw what it will look like after being kept in a daily environment for a year.'

await mkdir(images)
await mkdir(benchmark)
for (const number of NUMBERS) await writeFile(join(images, `${number}.png`), drawn(number))
await writeFile(join(images, '20.png'), drawn(0, 9))
await writeFile(join(images, '21.png'), 'no picture')
await writeFile(join(images, '22.png'), drawn(99, 5))
await writeFile(join(benchmark, 'official.png'), drawn(99))
const official = { index: 'temporal_1', category: 'temporal', instruction: OFFICIAL, image: 'official.png' }
await writeFile(join(benchmark, 'data_total.json'), JSON.stringify([official]))

const NUMBER_OF = new Map(NUMBERS.map((number) => [hashOf(drawn(number)), number]))

const BAD_LIST = {
  cognitive: [
    ...(checklistOf(BAD_ITEMS) as { cognitive: unknown[] }).cognitive,
    { question: 'Is it on the list', expected: 'perhaps' },
    'Does it fall?',
  ],
  visual: [
    ...(checklistOf(BAD_ITEMS) as { visual: unknown[] }).visual,
    { question: 'Is the pool blue and is the floor dry?', expected: 'yes' },
    { question: `Is the thing${BAD_ITEMS} pale?`, expected: 'yes' },
    { question: 'Is it true that it lies on its side in a shallow pool?', expected: 'yes' },
    { question: 'Does a chimney appear on the horizon?', expected: 'yes', aspect: 'change' },
    { question: 'Does the spoon keep its engraving?', expected: 'yes', aspect: 'preservation' },
    { question: 'Was the word supposed used?', expected: 'yes' },
    { question: 'Has the ceiling vanished completely?', expected: 'yes' },
    ...['kettle', 'ladder', 'violin', 'carpet', 'lantern'].map((thing) => ({
      question: `Does a new ${thing} hang there?`,
      expected: 'no',
      aspect: 'preservation',
      weight: 0.5,
    })),
  ],
}

/** What is wrong with what the model proposes. */
const PROPOSED: Readonly<Record<number, Reply>> = {
  [MALFORMED]: '{"suitable": true, "instr',
  [PROSE_REFUSAL]: 'I’m sorry, but I can’t help with that.',
  [REFUSAL]: { refusal: 'This picture is not for me.' },
  [UNSUITABLE]: '{"suitable": false, "reason": "There is nothing in it."}',
}
const INSTRUCTIONS: Readonly<Record<number, string>> = {
  [REPEATED]: `${instructionOf(0)}.`,
  [CONTAMINATED]: 'Please draw what it will look like after being kept in a daily environment for a year!',
  [EXAMPLE]: 'Suppose that there was no wind at all.',
}

function proposal(number: number, time: number): Reply {
  if (number === MALFORMED_ONCE && time === 1) return '{"suitable": true, "instr'
  const text = JSON.stringify({ suitable: true, instruction: INSTRUCTIONS[number] ?? instructionOf(number) })
  // Now and then a fence around it, as models write them.
  return PROPOSED[number] ?? (number === 1 ? `\`\`\`json\n${text}\n\`\`\`` : text)
}

/** A model of the kind that there is: mostly sound, and here and there not. */
function model(asked: Asked): Reply {
  const number = NUMBER_OF.get(asked.pictures[0] ?? '') ?? -1
  switch (asked.prompt) {
    case 'propose':
      return proposal(number, asked.time)
    case 'reference':
      if (number === BROKEN_SERVICE) return 500
      return JSON.stringify({ reference: number === NO_REFERENCE ? instructionOf(number) : referenceOf(number) })
    case 'checklist':
      if (number === NO_ITEMS)
        return JSON.stringify({ cognitive: [], visual: [{ question: 'Is it pale?', expected: 'yes' }] })
      return JSON.stringify(number === BAD_ITEMS ? BAD_LIST : checklistOf(number))
    case 'source':
      return answers(asked, (question) =>
        question.includes('chimney') ? 'yes' : /engraving|new/.test(question) ? 'no' : soundAnswer(question),
      )
    case 'instruction':
      return answers(asked, (question) => (question.includes('supposed') ? 'yes' : undefined))
    default:
      return answers(asked, (question) => (question.includes('ceiling') ? 'no' : undefined))
  }
}

let server: Vlm
beforeAll(async () => {
  server = await startVlm(model)
  return () => server.close()
})

const KINDS = join(folder, 'taxonomy.yaml')
await writeFile(
  KINDS,
  `- { category: causal, subtask: counterfactual, definition: A condition is otherwise., examples: [Suppose that there was no wind at all.] }\n`,
)

async function run(options: Partial<VlmSynthesizerOptions>, given: Partial<SynthesisContext> = {}, train = 100) {
  const aside: SetAside[] = []
  const log: string[] = []
  const keep = (line: string): void => void log.push(line)
  const context: SynthesisContext = {
    ...makeContext({ log: { debug: keep, info: keep, warn: keep } }),
    setAside: async (row) => void aside.push(row),
    ...given,
  }
  const synthesizer = vlmSynthesizer({
    endpoint: server.url,
    model: 'vlm',
    images,
    taxonomy: KINDS,
    perImage: 1,
    decontaminate: [benchmark],
    retryDelaySeconds: 0.001,
    attempts: 2,
    breakerFailures: 1000,
    ...options,
  })
  await synthesizer.open?.(context)
  try {
    const request = { seed: 3, count: { train, 'held-out': 0 } }
    return { samples: await collect(synthesizer.synthesize(request, context)), aside, log }
  } finally {
    await synthesizer.close?.()
  }
}

describe('a model that now and then gets it wrong', () => {
  const outcome = beforeAllOnce(() => run({}))

  test('every defect is caught by the check that is for it, and nothing else is', async () => {
    const { aside, samples } = await outcome()
    const tasks = new Set<string>(Object.values(TASK_REASONS))
    const found = aside
      .filter(({ reason }) => tasks.has(reason))
      .map(({ where, reason }) => [Number(/^\d+/.exec(where)?.[0]), reason] as const)
      .toSorted(([a], [b]) => a - b)
    expect(found).toEqual([
      [MALFORMED, TASK_REASONS.unreadable],
      [PROSE_REFUSAL, TASK_REASONS.refused],
      [REFUSAL, TASK_REASONS.refused],
      [REPEATED, TASK_REASONS.instructionRepeated],
      [CONTAMINATED, TASK_REASONS.instructionContaminated],
      [UNSUITABLE, TASK_REASONS.unsuitable],
      [NO_REFERENCE, TASK_REASONS.notAReference],
      [NO_ITEMS, TASK_REASONS.tooFewItems],
      [BROKEN_SERVICE, TASK_REASONS.service],
      [EXAMPLE, TASK_REASONS.notAnInstruction],
      [20, TASK_REASONS.pictureRepeated],
      [21, TASK_REASONS.pictureUnusable],
      [22, TASK_REASONS.pictureContaminated],
    ])
    const made = samples.map(({ id }) => Number(/\d+/.exec(id)?.[0]))
    expect(made).toEqual([...SOUND, MALFORMED_ONCE, BAD_ITEMS])
  })

  test('so is every bad item', async () => {
    const { aside, samples } = await outcome()
    const items = aside.filter(({ where, reason }) => where.startsWith(`${BAD_ITEMS}.`) && reason.startsWith('item'))
    const questions = (reason: string) => items.filter((row) => row.reason === reason).map(({ detail = '' }) => detail)
    expect(questions(ITEM_REASONS.malformed)).toEqual([expect.stringContaining('perhaps'), '"Does it fall?"'])
    expect(questions(ITEM_REASONS.compound)).toEqual(['Is the pool blue and is the floor dry?'])
    expect(questions(ITEM_REASONS.repeated)).toEqual([`Is the thing${BAD_ITEMS} pale?`])
    expect(questions(ITEM_REASONS.leaking)).toEqual(['Is it true that it lies on its side in a shallow pool?'])
    expect(questions(ITEM_REASONS.beforeEdit)).toEqual(['Does a chimney appear on the horizon?'])
    expect(questions(ITEM_REASONS.notPreserved)).toEqual(['Does the spoon keep its engraving?'])
    expect(questions(ITEM_REASONS.fromInstruction)).toEqual(['Was the word supposed used?'])
    expect(questions(ITEM_REASONS.againstReference)).toEqual(['Has the ceiling vanished completely?'])
    expect(questions(ITEM_REASONS.tooMany)).toHaveLength(2)
    const checklist = samples.at(-1)?.checklist ?? []
    expect(checklist.filter(({ scope }) => scope === 'visual')).toHaveLength(6)
    expect(checklist.filter(({ critical }) => critical === true)).toHaveLength(2)
  })

  test('the numbers of the funnel add up', async () => {
    const { aside, samples, log } = await outcome()
    const [tried = 0, made] = numbers(log, 'pictures and tasks tried')
    const [proposed = 0, whole] = numbers(log, 'checklist items proposed')
    const isItem = (reason: string): boolean => reason.startsWith('item')
    expect(made).toBe(samples.length)
    expect(tried).toBe(samples.length + aside.filter(({ reason }) => !isItem(reason)).length)
    expect(whole).toBe(samples.flatMap(({ checklist }) => checklist).length)
    expect(proposed).toBe(whole! + aside.filter(({ reason }) => isItem(reason)).length)
  })

  test('a sample says of every field what model, words and seed made it', async () => {
    const { samples } = await outcome()
    const facts = samples[0]?.provenance.facts ?? {}
    for (const field of [
      'instruction',
      'reference',
      'checklist',
      'check-source',
      'check-instruction',
      'check-reference',
    ])
      expect(facts).toMatchObject({
        [`${field}.model`]: 'vlm',
        [`${field}.prompt`]: expect.stringMatching(/^[0-9a-f]{12}$/),
        [`${field}.seed`]: expect.any(Number),
      })
    expect(facts).toMatchObject({ picture: '0.png', 'checklist.proposed': 5, 'checklist.dropped': 0 })
  })
})

test('an item that passes before the edit can be kept as one of preservation, never critical', async () => {
  const { samples } = await run({ alreadyPassing: 'preservation' })
  const item = samples.at(-1)?.checklist.find(({ question }) => question.includes('chimney'))
  expect(item).toMatchObject({ aspect: 'preservation' })
  expect(item).not.toHaveProperty('critical')
})

test('a synthesis that ends half way goes on without asking again, to the same samples', async () => {
  const kept = new Map<string, unknown>()
  const once: SynthesisContext['once'] = async (key, make) => {
    const name = JSON.stringify(key)
    if (!kept.has(name)) kept.set(name, await make())
    return kept.get(name) as Awaited<ReturnType<typeof make>>
  }
  const whole = await run({}, { once })
  const first = [...kept].slice(0, 9)
  kept.clear()
  for (const [key, value] of first) kept.set(key, value)
  const before = server.asked.length
  const again = await run({}, { once })
  expect(again.samples).toEqual(whole.samples)
  const calls = server.asked.length - before
  const third = await run({}, { once })
  expect(third.samples).toEqual(whole.samples)
  // Only what failed is asked again.
  expect(server.asked.length - before - calls).toBeLessThan(calls)
})

test('samples that are there get reference and checklist, and stay in their order', async () => {
  const context = makeContext()
  const image = await context.images.put(drawn(0))
  const other = await context.images.put(makePng({ width: 8, height: 8 }))
  const bare = { images: [image], instruction: instructionOf(0), category: 'own', reference: '', checklist: [] }
  const common = {
    ...bare,
    split: 'train' as const,
    provenance: { plugin: 'synthesizer-dataset', seed: 0, facts: { row: 1 } },
  }
  const whole = {
    ...common,
    id: 'whole',
    checklist: [{ id: 'a', scope: 'visual' as const, question: 'Is it?', expected: 'yes' as const }],
  }
  const given = [
    { ...common, id: 'bare' },
    whole,
    { ...common, id: 'described', reference: 'The owner wrote this about the fate of it.' },
    { ...common, id: 'hopeless', images: [await context.images.put(drawn(NO_ITEMS))] },
    { ...common, id: 'two', images: [image, other] },
  ]
  const synthesizer = vlmSynthesizer({ endpoint: server.url, model: 'vlm', batch: 2 })
  await synthesizer.open?.(context)
  const aside: SetAside[] = []
  const samples = await collect(
    synthesizer.annotate!(stream(given), { ...context, setAside: async (row) => void aside.push(row) }),
  )
  await synthesizer.close?.()
  expect(samples.map(({ id, checklist }) => [id, checklist.length])).toEqual([
    ['bare', 5],
    ['whole', 1],
    ['described', 5],
    ['hopeless', 0],
    ['two', 5],
  ])
  expect(samples[0]?.reference).toBe(referenceOf(0))
  expect(samples[1]).toEqual(whole)
  expect(samples[2]?.reference).toBe(given[2]?.reference)
  expect(samples[2]?.provenance.facts).toMatchObject({ row: 1, 'checklist.model': 'vlm' })
  expect(samples[3]).toEqual(given[3])
  expect(aside.filter(({ reason }) => !reason.startsWith('item'))).toMatchObject([
    { where: 'hopeless', reason: TASK_REASONS.tooFewItems },
  ])
})

async function* stream<T>(values: readonly T[]): AsyncIterable<T> {
  yield* values
}

function numbers(log: readonly string[], mark: string): readonly number[] {
  return [...(log.find((line) => line.includes(mark)) ?? '').matchAll(/\d+/g)].map(Number)
}

/** What several tests look at, made once. */
function beforeAllOnce<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
