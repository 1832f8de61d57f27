import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { makePng, readHeader } from '@dda-thinker/pictures'
import type { HookName, PluginApi, Rollout } from '@dda-thinker/plugin-api'
import {
  hookSuite,
  makeContext,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  MemoryImages,
  MISSING_IMAGE,
  testPluginOptions,
} from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { crc32c, maskedCrc32c } from './crc32c.ts'
import { eventRecord } from './event-record.ts'
import plugin from './index.ts'

hookSuite({ test, plugin, observes: true })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { dir: 'logs', picturesEvery: 0 } }],
  invalid: [
    { options: { dir: '' }, code: 'DDA_CONFIG_INVALID', at: 'dir' },
    { options: { picturesEvery: -1 }, code: 'DDA_CONFIG_INVALID', at: 'picturesEvery' },
    { options: { path: 'x' }, code: 'DDA_CONFIG_INVALID', at: 'path' },
  ],
})

function setUp(runDir: string | undefined, given: { dir?: string; picturesEvery?: number } = {}) {
  const options = { picturesEvery: 10, ...given }
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
      ...valuesOf(summary?.data ?? Buffer.alloc(0)),
    })
  }
  return events
}

/** Scalars and pictures of a summary, by tag. */
function valuesOf(summary: Buffer) {
  const scalars: Record<string, number> = {}
  const pictures: Record<string, string> = {}
  for (const { data } of fieldsOf(summary)) {
    const fields = new Map(fieldsOf(data).map((field) => [field.field, field]))
    const tag = String(fields.get(1)?.data)
    const scalar = fields.get(2)
    if (scalar !== undefined) scalars[tag] = scalar.value
    const image = fields.get(4)
    if (image === undefined) continue
    const [height, width, colours, bytes] = fieldsOf(image.data)
    const { mediaType, ...size } = readHeader(bytes?.data ?? Buffer.alloc(0), {}, 'bad-input')
    expect({ ...size, colours: colours?.value }).toEqual({ width: width?.value, height: height?.value, colours: 3 })
    expect(mediaType).toBe('image/png')
    pictures[tag] = `${size.width}x${size.height}`
  }
  return { scalars, pictures }
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

test('writes all that is measured of a step, as it is measured', async () => {
  const runDir = await newRun()
  const { call, end } = setUp(runDir)
  expect(await call('update', update(1, { 'policy/loss': -0.5, solved: 0.25, 'rollout/masked': 2 }))).toBeUndefined()
  // What has happened is in the file before the run ends.
  expect(await eventsIn(folderOf(runDir))).toMatchObject([[{}, {}, { step: 1 }]])
  await call('update', update(2))
  await end()
  expect(await eventsIn(folderOf(runDir))).toMatchObject([
    [
      { version: 'brain.Event:2', step: 0 },
      { step: 1, status: '0801' },
      { step: 1, scalars: { 'policy/loss': -0.5, solved: 0.25, 'rollout/masked': 2, policyVersion: 1 } },
      { step: 2, scalars: { policyVersion: 2 } },
    ],
  ])
})

/** A step whose rollouts have pictures, of these rewards; held-out, masked and unedited ones beside them. */
async function stepWithPictures(call: ReturnType<typeof setUp>['call'], step: number, rewards: readonly number[]) {
  const images = new MemoryImages()
  const source = await images.put(makePng({ width: 600, height: 300, pixel: () => [10, 20, 30] }))
  const sample = makeSample({ images: [source] })
  const judge = (rollout: Rollout, at = step, of = sample) =>
    call('judge', rollout, { step: at, sample: of, rolloutId: rollout.id, seed: 1, images, ask: async () => [] })
  for (const [i, reward] of rewards.entries()) {
    const edit = {
      image: await images.put(makePng({ width: 40 + i, height: 20, pixel: () => [i, 0, 0] })),
      seed: 1,
      editor: 'fake',
    }
    const rollout = makeRollout(makePlan('Plan: x'), reward, { id: `${step}/s/${i}`, edit })
    await judge(rollout)
    await judge({ ...rollout, id: `${step}/s/x${i}` }, 0)
    await judge({ ...rollout, id: `${step}/t/${i}` }, step, { ...sample, split: 'held-out' })
  }
  await judge(makeRollout(makePlan('Plan: y'), 99))
  await judge(makeMaskedRollout(makePlan('Plan: z'), 'timeout'))
  await call('update', update(step))
}

test('pictures of the best and the worst rollout, every so many steps, small', async () => {
  const runDir = await newRun()
  const { call, end } = setUp(runDir, { picturesEvery: 2 })
  await stepWithPictures(call, 1, [0.5])
  await end()
  const again = setUp(runDir, { picturesEvery: 2 })
  await stepWithPictures(again.call, 3, [0.1, 0.2])
  await stepWithPictures(again.call, 4, [0.5, 0.9, 0.1, 0.9, 0.1])
  await again.end()
  const pictures = (await eventsIn(folderOf(runDir)))
    .flat()
    .flatMap(({ step, pictures: shown }) => Object.entries(shown).map(([tag, size]) => [step, tag, size]))
  expect(pictures).toEqual([
    [1, 'pictures/best/source', '256x128'],
    [1, 'pictures/best/edit', '40x20'],
    [4, 'pictures/best/source', '256x128'],
    [4, 'pictures/best/edit', '41x20'],
    [4, 'pictures/worst/source', '256x128'],
    // Of equal rewards the last by id is the lowest.
    [4, 'pictures/worst/edit', '44x20'],
  ])
})

test('with 0 there are no pictures', async () => {
  const runDir = await newRun()
  const { call, end } = setUp(runDir, { picturesEvery: 0 })
  await stepWithPictures(call, 1, [0.5, 0.7])
  await end()
  expect((await eventsIn(folderOf(runDir))).flat().every(({ pictures }) => Object.keys(pictures).length === 0)).toBe(
    true,
  )
})

test('a picture that is gone ends no step, and is told at the end', async () => {
  const runDir = await newRun()
  const { call, end } = setUp(runDir)
  const sample = makeSample()
  const rollout = makeRollout(makePlan('Plan: x'), 1, { edit: { image: MISSING_IMAGE, seed: 1, editor: 'fake' } })
  const images = new MemoryImages()
  await call('judge', rollout, { step: 1, sample, rolloutId: 'r', seed: 1, images, ask: async () => [] })
  await expect(call('update', update(1))).resolves.toBeUndefined()
  await expect(end()).rejects.toMatchObject({ code: 'DDA_TENSORBOARD_WRITE' })
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
const has = async (modules: string) =>
  existsSync(python) &&
  (await run(python, ['-c', `import ${modules}`]).then(
    () => true,
    () => false,
  ))
const hasTensorboard = await has('tensorboard')
const hasTrackio = hasTensorboard && (await has('trackio, tbparse'))

test.skipIf(!hasTensorboard)(
  "TensorBoard's own reader sees each step once (needs tensorboard in DDA_VENV)",
  async () => {
    const script = [
      'import json, sys',
      'from tensorboard.backend.event_processing.event_accumulator import EventAccumulator',
      'events = EventAccumulator(sys.argv[1])',
      'events.Reload()',
      'print(json.dumps([[e.step, e.value] for e in events.Scalars("loss")]))',
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

test.skipIf(!hasTensorboard)(
  "TensorBoard's own reader sees the pictures (needs tensorboard in DDA_VENV)",
  async () => {
    const runDir = await newRun()
    const { call, end } = setUp(runDir)
    await stepWithPictures(call, 1, [0.5, 0.9])
    await end()
    const script = [
      'import io, json, sys',
      'from PIL import Image',
      'from tensorboard.backend.event_processing.event_accumulator import EventAccumulator',
      'events = EventAccumulator(sys.argv[1])',
      'events.Reload()',
      'def size(e): return [e.step, e.width, e.height, *Image.open(io.BytesIO(e.encoded_image_string)).size]',
      'print(json.dumps({tag: [size(e) for e in events.Images(tag)] for tag in events.Tags()["images"]}))',
    ].join('\n')
    const { stdout } = await run(python, ['-c', script, folderOf(runDir)])
    expect(JSON.parse(stdout)).toEqual({
      'pictures/best/edit': [[1, 41, 20, 41, 20]],
      'pictures/best/source': [[1, 256, 128, 256, 128]],
      'pictures/worst/edit': [[1, 40, 20, 40, 20]],
      'pictures/worst/source': [[1, 256, 128, 256, 128]],
    })
  },
  120_000,
)

test.skipIf(!hasTrackio)(
  "trackio's own importer and client have the run (needs trackio and tbparse in DDA_VENV)",
  async () => {
    const runDir = await newRun()
    const { call, end } = setUp(runDir, { dir: runDir })
    for (const step of [1, 2, 3]) await call('update', update(step, { 'reward/mean': step / 2, 'solved/因果': 1 }))
    await end()
    const script = [
      'import contextlib, json, os, sys',
      'import trackio',
      'from trackio.sqlite_storage import SQLiteStorage',
      'with contextlib.redirect_stdout(sys.stderr): trackio.import_tf_events(sys.argv[1], "edits")',
      'def seen(run): return [{k: v for k, v in log.items() if k != "timestamp"} for log in SQLiteStorage.get_logs("edits", run)]',
      'print(json.dumps({run.name: seen(run.name) for run in trackio.Api().runs("edits")}))',
    ].join('\n')
    const env = { ...process.env, TRACKIO_DIR: await newRun() }
    const { stdout } = await run(python, ['-c', script, runDir], { env })
    const logs = (JSON.parse(stdout) as Record<string, ({ step: number } & Record<string, number>)[]>)[basename(runDir)]
    const values = (tag: string) => (logs ?? []).filter((log) => tag in log).map((log) => [log.step, log[tag]])
    expect(values('reward/mean')).toEqual([1, 2, 3].map((step) => [step, step / 2]))
    expect(values('solved/因果')).toEqual([1, 2, 3].map((step) => [step, 1]))
    expect(values('policyVersion')).toEqual([1, 2, 3].map((step) => [step, step]))
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
