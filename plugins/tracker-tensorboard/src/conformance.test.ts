import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { HookName, PluginApi } from '@dda-thinker/plugin-api'
import {
  makeContext,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  makeVerdicts,
  testPluginOptions,
} from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { crc32c, maskedCrc32c } from './crc32c.ts'
import { eventRecord } from './event-record.ts'
import plugin from './index.ts'

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { dir: 'logs' } }],
  invalid: [
    { options: { dir: '' }, code: 'DDA_CONFIG_INVALID', at: 'dir' },
    { options: { path: 'x' }, code: 'DDA_CONFIG_INVALID', at: 'path' },
  ],
})

function setUp(runDir: string | undefined, options: { dir?: string } = {}) {
  const taps = new Map<HookName, (noun: unknown, info: unknown) => unknown>()
  const ends: (() => unknown)[] = []
  const api: PluginApi = {
    provide: () => expect.unreachable('a tracker fills no slot'),
    contribute: () => expect.unreachable('a tracker is in no list'),
    tap: (hook, fn) => void taps.set(hook, fn as (noun: unknown, info: unknown) => unknown),
    onDispose: (fn) => void ends.push(fn),
    resolvePath: (path) => path,
    runDir,
    log: makeContext().log,
  }
  plugin.setup(api, options)
  return {
    taps,
    call: async (hook: HookName, noun: unknown, info: unknown = { step: 1 }) => taps.get(hook)?.(noun, info),
    end: async () => {
      for (const end of ends) await end()
    },
  }
}

const update = (step: number, metrics: Record<string, number> = {}) => ({ step, policyVersion: step, metrics })
const newRun = () => mkdtemp(join(tmpdir(), 'tensorboard-'))
const folderOf = (runDir: string) => join(runDir, 'tensorboard', basename(runDir))

interface Field {
  readonly field: number
  readonly value: number
  readonly data: Buffer
}

/** Reads any protobuf message of varints, fixed numbers and delimited fields. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++)
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const [field, wire] = [key >> 3, key & 7]
    if (wire === 0) fields.push({ field, value: varint(), data: Buffer.alloc(0) })
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : varint()
      const data = bytes.subarray(at, at + length)
      at += length
      fields.push({ field, value: wire === 1 ? data.readDoubleLE() : wire === 5 ? data.readFloatLE() : 0, data })
    }
  }
  return fields
}

function readEvents(file: Buffer) {
  const events = []
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at))
    const data = file.subarray(at + 12, at + 12 + length)
    expect(file.readUInt32LE(at + 8)).toBe(maskedCrc32c(file.subarray(at, at + 8)))
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data))
    at += 16 + length
    const fields = fieldsOf(data)
    const get = (number: number) => fields.find(({ field }) => field === number)
    const summary = get(5)
    events.push({
      wallTime: get(1)?.value,
      step: get(2)?.value,
      version: get(3)?.data.toString(),
      status: get(7)?.data.toString('hex'),
      scalars: summary && Object.fromEntries(fieldsOf(summary.data).map(({ data }) => scalar(fieldsOf(data)))),
    })
  }
  return events
}

function scalar(fields: Field[]): [string, number | undefined] {
  return [String(fields.find(({ field }) => field === 1)?.data), fields.find(({ field }) => field === 2)?.value]
}

async function eventsIn(folder: string) {
  const names = (await readdir(folder)).toSorted()
  expect(names.every((name) => /^events\.out\.tfevents\.\d{10}\../.test(name))).toBe(true)
  return Promise.all(names.map(async (name) => readEvents(await readFile(join(folder, name)))))
}

test('crc32c has the values of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index)))).toBe(0x46dd794e)
})

test('a step beyond 32 bits and a name beyond ASCII come back', () => {
  const record = eventRecord(1.5, 2 ** 40 + 3, { scalars: { 'train/güte': 0.25 } })
  expect(readEvents(record)).toMatchObject([{ wallTime: 1.5, step: 2 ** 40 + 3, scalars: { 'train/güte': 0.25 } }])
})

test('writes what a step reports and counts, each rollout to its own step', async () => {
  const runDir = await newRun()
  const { call, end } = setUp(runDir)
  const sample = makeSample()
  const info = { step: 1, sample, rolloutId: 'r' }
  const plan = makePlan('Plan: wait')
  await call('judge', makeRollout(plan, 1, { verdicts: makeVerdicts(sample.checklist) }), info)
  const failed = makeVerdicts(sample.checklist, { failed: ['picture'] })
  await call('judge', makeRollout(plan, 0.5, { verdicts: failed }), info)
  await call('judge', makeMaskedRollout(plan, 'timeout'), info)
  await call('judge', makeMaskedRollout(plan, 'timeout'), { ...info, sample: makeSample({ split: 'held-out' }) })
  await call('judge', makeMaskedRollout(plan, 'timeout'), { ...info, step: 2 })
  expect(await call('update', update(1, { loss: -0.5 }))).toBeUndefined()
  // What has happened is in the file before the run ends.
  expect(await eventsIn(folderOf(runDir))).toMatchObject([[{}, {}, { step: 1 }]])
  await call('update', update(2))
  await end()
  const ahead = { 'rollouts/judged': 1, 'rollouts/masked': 1, 'rollouts/counted': 0 }
  expect(await eventsIn(folderOf(runDir))).toMatchObject([
    [
      { version: 'brain.Event:2', step: 0 },
      { step: 1, status: '0801' },
      {
        step: 1,
        scalars: {
          'rollouts/judged': 3,
          'rollouts/masked': 1,
          'rollouts/counted': 2,
          'rollouts/solved': 0.5,
          'train/policyVersion': 1,
          'train/loss': -0.5,
        },
      },
      { step: 2, scalars: { ...ahead, 'train/policyVersion': 2 } },
    ],
  ])
})

/** A run of three steps that goes on from the checkpoint of its second, into a folder of its own. */
async function resumedRun() {
  const [runDir, dir] = [await newRun(), await newRun()]
  for (const steps of [
    [1, 2, 3],
    [3, 4],
  ]) {
    const { call, end } = setUp(runDir, { dir })
    for (const step of steps) await call('update', update(step, { loss: step / 2 + (steps.length === 2 ? 8 : 0) }))
    await end()
  }
  return join(dir, basename(runDir))
}

test('a resumed run opens a later file that purges the steps it repeats', async () => {
  const files = await eventsIn(await resumedRun())
  expect(files.map((events) => events.map(({ step }) => step))).toEqual([
    [0, 1, 1, 2, 3],
    [0, 3, 3, 4],
  ])
  expect(files[1]?.[1]?.status).toBe('0801')
})

const python = join(process.env.DDA_VENV ?? '.venv', 'bin', 'python')
const run = promisify(execFile)
const hasTensorboard =
  existsSync(python) &&
  (await run(python, ['-c', 'import tensorboard']).then(
    () => true,
    () => false,
  ))

test.skipIf(!hasTensorboard)(
  "TensorBoard's own reader sees each step once (needs tensorboard in DDA_VENV)",
  async () => {
    const script = [
      'import json, sys',
      'from tensorboard.backend.event_processing.event_accumulator import EventAccumulator',
      'events = EventAccumulator(sys.argv[1])',
      'events.Reload()',
      'print(json.dumps([[e.step, e.value] for e in events.Scalars("train/loss")]))',
    ].join('\n')
    const { stdout } = await run(python, ['-c', script, await resumedRun()])
    expect(JSON.parse(stdout)).toEqual([
      [1, 0.5],
      [2, 1],
      [3, 9.5],
      [4, 10],
    ])
  },
  120_000,
)

test('without a run directory it taps nothing', () => {
  expect(setUp(undefined).taps.size).toBe(0)
})

test('a folder that cannot be written ends no step, and is told at the end', async () => {
  const file = join(await newRun(), 'file')
  await writeFile(file, '')
  const { call, end } = setUp(file)
  await expect(call('update', update(4))).resolves.toBeUndefined()
  await call('update', update(5))
  await expect(end()).rejects.toMatchObject({
    code: 'DDA_TENSORBOARD_WRITE',
    message: expect.stringMatching(/step 4 .*file/) as string,
  })
})
