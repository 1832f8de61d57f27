// A vision-language policy of 100 M random weights learns the tabletop world: a warm start by imitation, then PPO.
//   npx jiti bench/torch/tabletop.ts [--python PYTHON] [--size 100m] [--sft 300] [--steps 30] [--out bench/results/tabletop-torch]
//                                    [--device cuda] [--json FILE] [--smoke], after npm run build
// Prints the mean reward and the share of rollouts with every item passed, at the first steps of PPO and the last, and seconds a step.
// What is finished is not run again, so that a call which was cut can be repeated. `--smoke`: tiny, on the CPU.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { dda } from '../run-dda.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    size: { type: 'string', default: '100m' },
    sft: { type: 'string', default: '300' },
    steps: { type: 'string', default: '30' },
    out: { type: 'string', default: join(here, '../results/tabletop-torch') },
    device: { type: 'string', default: 'cuda' },
    json: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
})
const { smoke } = values
const small = { size: 'tiny', sft: '2', steps: '2', device: 'cpu' }
const { size, sft, steps, device } = smoke ? small : values
const [train, perStep, group, batch] = smoke ? [16, 2, 2, 4] : [4000, 32, 8, 64]
const project = resolve(values.out)
const model = join(project, 'model')

/** The first and the last steps that are averaged. */
const WINDOW = 5

const CONFIG = `name: tabletop-torch
seed: 1
# What the warm start imitates says every edit outright or carries an idea out; PPO has to find which sentence calls for which.
synthesizer:
  - { use: tabletop, id: literal, curriculum: literal, share: 0.4 }
  - { use: tabletop, id: unclear, curriculum: unclear, share: 0.3 }
  - { use: tabletop, id: meant, share: 0.3 }
synthesize:
  count: { train: ${train}, held-out: 0 }
editor: { use: tabletop }
judge: [{ use: tabletop }]
reward:
  use: dual-atomic
  preservation: { counts: multiplier, ruined: 0 }
trainer:
  use: torch
  python: ${JSON.stringify(values.python)}
  model: ${JSON.stringify(model)}
  device: ${device}
  freezeVision: false
  gradientCheckpointing: false
  maxPlan: 96
  maxPixels: ${smoke ? 3136 : 50176}
  rollout: { concurrency: ${perStep * group} }
  advantage: grpo
  learningRate: 0.0001
  miniBatch: ${(perStep * group) / 2}
  kl: { place: 'off' }
  imitation: { learningRate: 0.0005, schedule: cosine, warmup: ${Math.min(20, Math.floor(Number(sft) / 2))}, total: ${sft} }
train: { steps: ${steps}, samplesPerStep: ${perStep}, groupSize: ${group}, checkpointEvery: 1000 }
`

mkdirSync(project, { recursive: true })
if (!existsSync(join(project, 'dda.config.yaml'))) writeFileSync(join(project, 'dda.config.yaml'), CONFIG)
if (!existsSync(join(project, 'data/samples.jsonl'))) await dda(project, ['synthesize'])
if (!existsSync(join(model, 'config.json'))) {
  const args = [join(here, 'tabletop_model.py'), join(project, 'data/samples.jsonl'), model, '--size', size]
  await execa(values.python, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
await dda(project, ['train', '--stage', 'sft', '--steps', sft, '--batch', String(batch), '--name', 'warm'])
// Cut, it goes on from here: a step takes many times as long as one of the imitation, which ends in one call.
await dda(project, ['train', '--init', 'warm', '--name', 'ppo', '--set', 'train.checkpointEvery=10'])

function lines(run: string, file: string): readonly Record<string, unknown>[] {
  const text = readFileSync(join(project, 'runs', run, file), 'utf8').trim()
  return text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Of a metric, over steps; a step that does not have it is left out, and none at all is null. */
function mean(list: readonly Readonly<Record<string, number>>[], name: string): number | null {
  const found = list.flatMap((one) => one[name] ?? [])
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0) / found.length
}

const metrics = lines('ppo', 'metrics.jsonl').map(({ metrics: of }) => of as Readonly<Record<string, number>>)
const imitation = lines('warm', 'metrics.jsonl').map(({ metrics: of }) => of as Readonly<Record<string, number>>)
const [first, last] = [metrics.slice(0, WINDOW), metrics.slice(-WINDOW)]
const timings = lines('ppo', 'timings.jsonl') as readonly Readonly<Record<string, number>>[]
const figures = {
  size,
  device,
  'imitation steps': imitation.length,
  'imitation loss, last': mean(imitation.slice(-WINDOW), 'imitation/loss'),
  'PPO steps': metrics.length,
  'rollouts a step': perStep * group,
  'reward, first steps': mean(first, 'reward/mean'),
  'reward, last steps': mean(last, 'reward/mean'),
  'solved, first steps': mean(first, 'solved'),
  'solved, last steps': mean(last, 'solved'),
  'seconds of an update': mean(timings, 'updateSeconds'),
}
const text = `${JSON.stringify(figures, null, 1)}\n`
if (values.json !== undefined) writeFileSync(values.json, text)
process.stdout.write(text)
