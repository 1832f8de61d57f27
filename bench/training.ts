// The embedded trainer beside PyTorch on the CPU: trained and sampled tokens per second for the same network, batch, lengths
// and number of cores: workers of ours, threads of PyTorch. The two take turns in rounds, because machines have moods; the ratios are
// those of the medians over rounds, of the best rounds, and of processor time. At the end, in processes of their own: peak memory.
//
//   npm run build -- plugins/trainer-onnx
//   python3 -m venv .venv && .venv/bin/pip install -r bench/peers/requirements.txt      # once
//   npx jiti bench/training.ts [--cores 2] [--batch 64] [--plan 64] [--prompt 24] [--rounds 5] [--python .venv/bin/python] [--no-peer] [--no-memory] [--json]
//
// Ours is measured through the public Trainer: messages to the worker, tokens to text, packing and Adam included. A token
// is one of the plan's; the prefix (patches and instruction) is extra work of the same size on both sides. `groups of 8`
// is the usual case of reinforcement learning, eight plans for one sample, whose prefix ours computes once.
//
// On a machine that is busy with other work, compare the CPU times of `--cores 1`: waiting is not in them, and with more
// threads the spinning of PyTorch's idle ones is.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Plan, RoleContext, Rollout, ThinkerInput, Trainer } from '@dda-thinker/plugin-api'
import { makePng } from '@dda-thinker/testkit'
import { buildVocabulary, createOnnxTrainer, readVocabulary } from '@dda-thinker/trainer-onnx'

const { values: flags } = parseArgs({
  options: {
    cores: { type: 'string', default: '2' },
    batch: { type: 'string', default: '64' },
    plan: { type: 'string', default: '64' },
    prompt: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '5' },
    repeats: { type: 'string', default: '5' },
    python: { type: 'string', default: '.venv/bin/python' },
    'no-peer': { type: 'boolean', default: false },
    'no-memory': { type: 'boolean', default: false },
    /** Inner: only runs ours, once each, and prints the peak of this process. */
    peak: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const [cores, batch, plan, prompt] = [flags.cores, flags.batch, flags.plan, flags.prompt].map(Number) as [
  number,
  number,
  number,
  number,
]
const [rounds, repeats] = [Number(flags.rounds), Number(flags.repeats)]
const IMAGE = { columns: 5, rows: 2, window: 1.25, patch: 20 }
const NETWORK = { layers: 4, width: 128, heads: 4, hidden: 512, patchHidden: 192, valueHidden: 64 }
const NEVER = new AbortController().signal

/** Milliseconds of every repeat. */
interface Times {
  readonly ms: readonly number[]
  /** Of the processor, all threads together. */
  readonly cpu: readonly number[]
}

/** One thing that is measured. */
interface Contender {
  readonly name: string
  readonly run: () => Promise<Times>
}

const words = Array.from({ length: 380 }, (_, i) => `word${i}x`)

/** Samples with an image and exactly `prompt` instruction tokens each. */
function makeInputs(images: Map<string, Uint8Array>, count: number): ThinkerInput[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = makePng({ width: 320, height: 176, pixel: (x, y) => [(x + i * 9) % 256, (y * 2 + i) % 256, i * 4] })
    const hash = createHash('sha256').update(bytes).digest('hex')
    images.set(hash, bytes)
    const instruction = Array.from({ length: prompt }, (_, t) => words[(i * 31 + t * 7) % words.length]).join(' ')
    return { id: `s${i}`, images: [{ hash, mediaType: 'image/png', width: 320, height: 176 }], instruction }
  })
}

async function timed(work: () => Promise<unknown>): Promise<Times> {
  const [ms, cpu]: [number[], number[]] = [[], []]
  for (let i = 0; i < repeats; i++) {
    const [start, before] = [performance.now(), process.cpuUsage()]
    await work()
    const { user, system } = process.cpuUsage(before)
    ms.push(performance.now() - start)
    cpu.push((user + system) / 1000)
  }
  return { ms, cpu }
}

async function plansOf(trainer: Trainer, inputs: readonly ThinkerInput[], perInput: number): Promise<Plan[]> {
  const requests = inputs.flatMap((input, i) =>
    Array.from({ length: perInput }, (_, k) => ({ id: `${input.id}/${k}`, input, seed: i * 64 + k })),
  )
  const plans: Plan[] = []
  for await (const result of trainer.thinker.plan(requests, { signal: NEVER })) {
    if ('error' in result) throw result.error
    plans.push(result.plan)
  }
  return plans
}

async function ours(folder: string): Promise<{ contenders: Contender[]; close: () => Promise<void>; sizes: object }> {
  const vocabulary = join(folder, 'vocabulary.json')
  writeFileSync(
    vocabulary,
    JSON.stringify(buildVocabulary(words, { minCount: 1, phraseWords: 1, limit: 500 }).toFile()),
  )
  const images = new Map<string, Uint8Array>()
  const inputs = makeInputs(images, batch)
  const context: RoleContext = {
    images: {
      get: (image) => Promise.resolve(images.get(image.hash) ?? new Uint8Array()),
      put: () => Promise.reject(new Error('not needed')),
    },
    signal: NEVER,
    log: { debug: () => undefined, info: () => undefined, warn: (message) => console.error(message) },
    seed: 1,
  }
  const trainer = createOnnxTrainer({
    weights: 'random',
    vocabulary,
    workers: cores,
    miniBatch: batch,
    epochs: 1,
    learningRate: 1e-6,
    kl: { place: 'off' },
    policy: { ...NETWORK, maxPrompt: prompt, maxPlan: plan, image: IMAGE },
  })
  await trainer.open?.(context)
  const { size, emittable } = readVocabulary(vocabulary)

  const toRollout = (made: Plan, i: number, perInput: number): Rollout => ({
    id: made.id,
    sampleId: made.sampleId,
    group: made.sampleId,
    member: i % perInput,
    plan: made,
    verdicts: [],
    reward: { total: i % 2, components: {}, items: [], extras: { bench: i % 2 } },
    outcome: { kind: 'scored' },
  })
  // Full length, whatever the random policy sampled: every plan is filled up with a word.
  const filler = emittable - 1
  const fill = (made: Plan): Plan => ({
    ...made,
    tokens: {
      ids: Array.from({ length: plan }, (_, t) => made.tokens?.ids[t] || filler),
      logProbs: Array.from({ length: plan }, (_, t) => made.tokens?.logProbs[t] ?? -6),
      values: Array.from({ length: plan }, () => 0),
      ends: Array.from({ length: plan }, (_, t) => t + 1),
      temperature: 1,
    },
  })
  const rollouts = async (perInput: number): Promise<Rollout[]> => {
    const plans = await plansOf(trainer, inputs.slice(0, batch / perInput), perInput)
    return plans.map((made, i) => toRollout(fill(made), i, perInput))
  }
  const [distinct, grouped] = [await rollouts(1), await rollouts(8)]
  let step = 0
  // Filled plans are not scored as their traces say, which a policy checks of its own plans at its first update: it has these.
  const own = (await plansOf(trainer, inputs, 1)).map((made, i) => toRollout(made, i, 1))
  await trainer.update({ step: ++step, rollouts: own, inputs }, { signal: NEVER })
  const train = (list: readonly Rollout[]) => () =>
    timed(() => trainer.update({ step: ++step, rollouts: list, inputs }, { signal: NEVER }))
  const contenders = [
    { name: 'train ours', run: train(distinct) },
    { name: 'train ours, groups of 8', run: train(grouped) },
    { name: 'sample ours', run: () => timed(() => plansOf(trainer, inputs, 1)) },
  ]
  const sizes = {
    ...NETWORK,
    vocabulary: size,
    emittable,
    patches: IMAGE.columns * IMAGE.rows,
    patchLength: IMAGE.patch ** 2 * 3,
    maxPrompt: prompt,
    maxPlan: plan,
    batch,
    planTokens: plan,
    promptTokens: prompt,
    threads: cores,
  }
  return { contenders, close: async () => trainer.close?.(), sizes }
}

/** PyTorch in a process of its own that answers one line with one line. */
async function peer(sizes: object): Promise<{ contenders: Contender[]; close: () => void; version: string }> {
  const script = fileURLToPath(new URL('./peers/train_torch.py', import.meta.url))
  const python = spawn(flags.python, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  const ask = async <T>(request: object): Promise<T> => {
    python.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the PyTorch process ended')
    return JSON.parse(value) as T
  }
  const { torch } = await ask<{ torch: string }>(sizes)
  const run = (work: string) => () => ask<Times>({ do: work, repeats })
  return {
    version: torch,
    close: () => void python.stdin.end(),
    contenders: [
      { name: 'train PyTorch', run: run('train') },
      { name: 'sample PyTorch', run: run('sample') },
    ],
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN)) / 2
  )
}

/** Peak resident memory, in MiB, of a process that does each of ours with so many workers. */
function peakOf(workers: number): number {
  const shape = ['--batch', flags.batch, '--plan', flags.plan, '--prompt', flags.prompt]
  const jiti = join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs')
  const command = [jiti, fileURLToPath(import.meta.url), '--peak', '--cores', String(workers), ...shape]
  return Number(execFileSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
}

const folder = mkdtempSync(join(tmpdir(), 'dda-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const mine = await ours(folder)
if (flags.peak) {
  for (const { run } of mine.contenders) await run()
  await mine.close()
  console.log(Math.round(process.resourceUsage().maxRSS / 1024))
  process.exit()
}
const other = flags['no-peer'] || !existsSync(flags.python) ? undefined : await peer(mine.sizes)
if (other === undefined) console.error('PyTorch is left out; see the head of this file for how to install it.')
const contenders = [...mine.contenders, ...(other?.contenders ?? [])]
const measured = new Map(contenders.map(({ name }) => [name, { ms: [] as number[], cpu: [] as number[] }]))
for (const { run } of contenders) await run()
for (let round = 0; round < rounds; round++) {
  for (const { name, run } of contenders) {
    const { ms, cpu } = await run()
    measured.get(name)?.ms.push(median(ms))
    measured.get(name)?.cpu.push(median(cpu))
  }
}
await mine.close()
other?.close()

const rows = contenders.map(({ name }) => {
  const { ms: times, cpu } = measured.get(name) ?? { ms: [], cpu: [] }
  const ms = median(times)
  return {
    what: name,
    ms: Number(ms.toFixed(1)),
    'best ms': Number(Math.min(...times).toFixed(1)),
    'worst ms': Number(Math.max(...times).toFixed(1)),
    'CPU ms': Number(median(cpu).toFixed(1)),
    'tokens/s': Math.round((batch * plan * 1000) / ms),
    'positions/s': Math.round((batch * (plan + prompt + 10) * 1000) / ms),
  }
})
type Column = 'ms' | 'best ms' | 'CPU ms'
const of = (name: string, column: Column): number => rows.find((row) => row.what === name)?.[column] ?? NaN
/** How many times as fast as PyTorch ours is. */
const ratios = (column: Column) => ({
  trained: Number((of('train PyTorch', column) / of('train ours', column)).toFixed(2)),
  trainedInGroups: Number((of('train PyTorch', column) / of('train ours, groups of 8', column)).toFixed(2)),
  sampled: Number((of('sample PyTorch', column) / of('sample ours', column)).toFixed(2)),
})
const peaks = flags['no-memory'] ? undefined : { one: peakOf(1), all: cores > 1 ? peakOf(cores) : undefined }
const memory = peaks && {
  peakMiB: peaks.all ?? peaks.one,
  ofOneWorkerMiB: peaks.one,
  ...(peaks.all !== undefined && { eachFurtherMiB: Math.round((peaks.all - peaks.one) / (cores - 1)) }),
}
const report = {
  machine: `${cpus()[0]?.model ?? '?'} x ${cpus().length}, node ${process.version}, torch ${other?.version ?? '-'}`,
  setting: `batch ${batch}, ${10 + prompt} prefix + ${plan} plan tokens, ${cores} cores, ${rounds} rounds of ${repeats}`,
  rows,
  ...(other !== undefined && { ...ratios('ms'), byBestRound: ratios('best ms'), byCpuTime: ratios('CPU ms') }),
  ...(memory !== undefined && { memory }),
}
if (flags.json) console.log(JSON.stringify(report, null, 2))
else {
  console.log(`${report.machine}\n${report.setting}`)
  console.table(rows)
  if (other !== undefined) {
    for (const column of ['ms', 'best ms', 'CPU ms'] as const) {
      const { trained, trainedInGroups, sampled } = ratios(column)
      console.log(`ours / PyTorch by ${column}: trained ${trained}, in groups ${trainedInGroups}, sampled ${sampled}`)
    }
  }
  if (memory !== undefined) {
    const { peakMiB, ofOneWorkerMiB, eachFurtherMiB } = memory
    const further = eachFurtherMiB === undefined ? '' : `, ${eachFurtherMiB} more for each further one`
    console.log(`peak memory of the process: ${peakMiB} MiB; ${ofOneWorkerMiB} MiB with one worker${further}`)
  }
}
