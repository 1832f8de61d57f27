import type { JudgeRequest } from '@dda-thinker/plugin-api'
import { makeContext, makePng } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { startStandIn, type StandInOptions } from './stand-in-server.ts'
import { vlmJudge, type JudgeOptions } from './index.ts'
import { cognitive, itemsOf, MODEL } from './judge.fixture.ts'

const CANARIES = { every: 2, minimum: 2, maxSolved: 0.1, onAlarm: 'warn' } as const

/** Asks about `rounds` samples, each with a source and an edit of its own; what the server saw and the log said. */
async function run(rounds: number, server: StandInOptions, options: Partial<JudgeOptions> = {}) {
  const standIn = await startStandIn(server)
  const lines: string[] = []
  const keep = (line: string): void => void lines.push(line)
  const context = makeContext({ log: { debug: keep, info: keep, warn: (line) => keep(`warn ${line}`) } })
  const judge = vlmJudge({ endpoint: standIn.url, model: MODEL, canaries: CANARIES, ...options })
  const failures: unknown[] = []
  const picture = (shade: number) => context.images.put(makePng({ width: 2, height: 2, pixel: () => [shade, 0, 0] }))
  const sources: string[] = []
  await judge.open?.(context)
  for (let i = 0; i < rounds; i++) {
    const [source, edited] = [await picture(2 * i), await picture(2 * i + 1)]
    sources.push(Buffer.from(await context.images.get(source)).toString('hex'))
    const requests: readonly JudgeRequest[] = [
      { scope: 'visual', source: [source], edited, items: itemsOf('visual', ['Is it changed?', 'Is it good?']) },
      cognitive(`Paint it in shade ${i}.`, 'Does it paint?', 'Is it brief?'),
    ]
    for (const request of requests) {
      try {
        await judge.judge(request, { signal: context.signal })
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await judge.close?.()
  await standIn.close()
  return { seen: standIn.seen, lines, failures, sources }
}

test('asks about nothing, pleas, unchanged sources and foreign pictures, each with a real checklist', async () => {
  const { seen, sources } = await run(4, { opinion: () => 'no' })
  const plans = seen.filter(({ pictures }) => pictures.length === 0)
  expect(plans).toHaveLength(6)
  // Of the plea nothing is left either: to the judge both are empty.
  expect(plans.filter(({ text }) => text.includes('The plan is empty'))).toHaveLength(2)
  const edits = seen.filter(({ pictures }) => pictures.length === 2)
  expect(edits).toHaveLength(6)
  const pairs = edits.map(({ pictures }) =>
    pictures.map((bytes) => sources.indexOf(Buffer.from(bytes).toString('hex'))),
  )
  // Sources are known by number, edited pictures as -1.
  expect(pairs.filter(([source, edited]) => source === edited)).toEqual([[1, 1]])
  expect(pairs.filter(([source]) => source === 3)).toHaveLength(2)
  expect(new Set(seen.map(({ questions }) => questions.length))).toEqual(new Set([2]))
})

test('a judge that says yes to everything is found out', async () => {
  const { lines, failures } = await run(8, { opinion: () => 'yes' })
  const warnings = lines.filter((line) => line.startsWith('warn'))
  expect(warnings).toHaveLength(4)
  expect(warnings.join('\n')).toMatch(/passed 2 of 2 canaries of the kind "empty plan"/)
  expect(lines.join('\n')).toContain('canaries that passed: ')
  expect(failures).toEqual([])
})

/** Knows a plan that paints and a picture that is not its source; whether that is good it cannot tell. */
const honest: StandInOptions['opinion'] = (question, { pictures: [source, edited], text }) => {
  if (question === 'Is it good?') return 'unsure'
  if (source === undefined || edited === undefined) return text.includes('Paint it') ? 'yes' : 'no'
  return Buffer.from(source).equals(edited) ? 'no' : 'yes'
}

test('an honest judge raises no alarm', async () => {
  const { lines } = await run(8, { opinion: honest })
  expect(lines.filter((line) => line.startsWith('warn'))).toEqual([])
  expect(lines.join('\n')).toContain('empty plan 0 of 2')
})

test('where the config says so, requests after an alarm fail', async () => {
  const { failures } = await run(12, { opinion: () => 'yes' }, { canaries: { ...CANARIES, onAlarm: 'fail' } })
  expect(failures.length).toBeGreaterThan(0)
  expect(failures[0]).toMatchObject({ code: 'DDA_JUDGE_CANARY', kind: 'unavailable' })
})

test('a canary that cannot be judged harms nobody', async () => {
  const { failures, lines } = await run(4, {
    opinion: () => 'no',
    choice: ({ text }) => (text.includes('is empty') ? { message: {} } : undefined),
  })
  expect(failures).toEqual([])
  expect(lines.join('\n')).toContain('not judged')
})
