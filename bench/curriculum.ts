// Curriculum by difficulty beside uniform sampling in the tabletop world: npx jiti bench/curriculum.ts [--seeds 3] [--steps 32] [--every 8]
// [--samples 768] [--first 1] [--arms 'uniform;easy first'] [--out bench/results/curriculum], after npm run build
// Same samples, base policy, Editor, judges and steps; what differs is which samples a step draws. Every few steps the policy is
// judged on the held-out split. What counts is how many Editor calls an arm had made by then, those that measured the difficulty included; held-out
// judging is left out. Writes curriculum.json and curriculum.md; what is finished is not run again.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dda, sets } from './run-dda.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    first: { type: 'string', default: '1' },
    steps: { type: 'string', default: '32' },
    every: { type: 'string', default: '8' },
    samples: { type: 'string', default: '768' },
    arms: { type: 'string' },
    out: { type: 'string', default: join(root, 'bench/results/curriculum') },
  },
})
const [seeds, steps, every, samples] = [values.seeds, values.steps, values.every, values.samples].map(Number) as [
  number,
  number,
  number,
  number,
]

interface Arm {
  /** Whether samples are curated at all. */
  readonly curated: boolean
  readonly settings: readonly string[]
}

const CURRICULUM = 'train.order=curriculum'
const ARMS: Readonly<Record<string, Arm>> = {
  uniform: { curated: false, settings: ['train.order=shuffle'] },
  'easy first': { curated: true, settings: [CURRICULUM] },
  'learnable, easy first': {
    curated: true,
    settings: [CURRICULUM, 'curator.0.rollouts=4', 'curator.0.minStd=0.05'],
  },
  'rising quantile': { curated: true, settings: [CURRICULUM, 'curator.0.order=rising-quantile'] },
}

/** A quarter of the demo's rollouts a step, so one optimiser step each. */
const SMALL = [
  `synthesize.count.train=${samples}`,
  'synthesize.count.held-out=120',
  'train.samplesPerStep=24',
  'train.groupSize=8',
  `trainer.total=${steps}`,
  'trainer.warmup=4',
]

interface Point {
  readonly step: number
  /** Editor calls by then, for measuring difficulty and for training. */
  readonly calls: number
  /** Of them, for measuring difficulty. */
  readonly measuring: number
  readonly reward: number
  readonly solved: number
}

const out = resolve(values.out)
mkdirSync(out, { recursive: true })
const results: Record<string, Record<string, readonly Point[]>> = {}
const chosen = values.arms?.split(';') ?? Object.keys(ARMS)
for (let seed = Number(values.first); seed <= seeds; seed += 1) {
  for (const name of chosen) {
    const arm = ARMS[name]
    if (arm === undefined) throw new Error(`${name} is none of ${Object.keys(ARMS).join('; ')}`)
    results[name] = { ...results[name], [seed]: await curve(name, arm, seed) }
    write()
  }
}
process.stdout.write(readFileSync(join(out, 'curriculum.md'), 'utf8'))

async function curve(name: string, arm: Arm, seed: number): Promise<readonly Point[]> {
  // A folder each: an arm that found another's edits in the cache would seem to ask for fewer.
  const project = join(out, `${name.replaceAll(/\W+/g, '-')}-${seed}`)
  const file = join(project, 'points.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Point[]
  if (!existsSync(join(project, 'dda.config.yaml'))) await dda(out, ['init', project, '--name', 'curriculum'])
  const common = sets([`seed=${seed}`, ...SMALL, ...arm.settings])
  if (!existsSync(join(project, 'data/samples.jsonl'))) await dda(project, ['synthesize', ...common])
  const judge = async (step: number): Promise<{ readonly reward: number; readonly solved: number }> => {
    const record = `after-${step}`
    const thinker = step === 0 ? 'base' : 'run:train'
    await dda(project, ['eval', '-t', thinker, '--name', record, ...common])
    const scores = JSON.parse(readFileSync(join(project, 'runs', record, 'scores.json'), 'utf8')) as Scores
    const [score] = Object.values(scores)
    if (score === undefined || score.reward === undefined) throw new Error(`${record} has no score`)
    return { reward: score.reward, solved: score.solved }
  }
  if (arm.curated) await dda(project, ['curate', ...common])
  const measuring = editsKept(project)
  let calls = measuring
  const points: Point[] = [{ step: 0, calls, measuring, ...(await judge(0)) }]
  for (let step = every; step <= steps; step += every) {
    const before = editsKept(project)
    // The same run, continued: the bytes are those of an unbroken one.
    await dda(project, ['train', '--name', 'train', '--steps', String(step), ...common])
    calls += editsKept(project) - before
    points.push({ step, calls, measuring, ...(await judge(step)) })
  }
  writeFileSync(file, JSON.stringify(points))
  return points
}

type Scores = Readonly<Record<string, { readonly reward?: number; readonly solved: number }>>

/** Different edits that the project has bought so far; the cache keeps each once. */
function editsKept(project: string): number {
  const folder = join(project, 'data/cache')
  if (!existsSync(folder)) return 0
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => /^\{"k":"[0-9a-f]{32}","v":\{"image":/.test(line)).length
}

/** Editor calls at which the reward is reached, between two points by a straight line; undefined: never. */
function callsTo(reward: number, points: readonly Point[]): number | undefined {
  for (const [index, point] of points.entries()) {
    if (point.reward < reward) continue
    const before = points[index - 1]
    if (before === undefined) return point.calls
    return before.calls + ((reward - before.reward) / (point.reward - before.reward)) * (point.calls - before.calls)
  }
  return undefined
}

function write(): void {
  writeFileSync(join(out, 'curriculum.json'), `${JSON.stringify(results, null, 1)}\n`)
  writeFileSync(join(out, 'curriculum.md'), `${lastTable()}\n\n${callsTable()}\n`)
}

function lastTable(): string {
  const rows = Object.entries(results).map(([name, bySeed]) => {
    const last = Object.values(bySeed).flatMap((points) => points.at(-1) ?? [])
    const of = (pick: (point: Point) => number) => mean(last.map(pick))
    const each = last.map(({ reward }) => reward.toFixed(3)).join(', ')
    return [
      name,
      of(({ reward }) => reward).toFixed(3),
      each,
      `${(100 * of(({ solved }) => solved)).toFixed(1)} %`,
      of(({ calls }) => calls).toFixed(0),
      of(({ measuring }) => measuring).toFixed(0),
    ]
  })
  return table(
    ['order', `held-out reward after ${steps} steps, mean`, 'by seed', 'solved', 'Editor calls', 'of them measuring'],
    rows,
  )
}

/** Calls to the reward that uniform sampling of the same seed reached in the end, and half-way to it from the base policy. */
function callsTable(): string {
  const rows: string[][] = []
  for (const [name, bySeed] of Object.entries(results)) {
    for (const [share, label] of [
      [0.5, 'half-way'],
      [1, 'all the way'],
    ] as const) {
      const ratios = Object.entries(bySeed).map(([seed, points]) => {
        const uniform = results['uniform']?.[seed]
        const [first, last] = [uniform?.[0], uniform?.at(-1)]
        if (uniform === undefined || first === undefined || last === undefined) return undefined
        const goal = first.reward + share * (last.reward - first.reward)
        const [own, theirs] = [callsTo(goal, points), callsTo(goal, uniform)]
        const training = own === undefined ? undefined : own - (points[0]?.measuring ?? 0)
        return theirs === undefined ? undefined : { own, training, theirs }
      })
      const shown = (pick: 'own' | 'training') =>
        ratios
          .map((ratio) => {
            const value = ratio?.[pick]
            return ratio === undefined || value === undefined ? 'never' : (value / ratio.theirs).toFixed(2)
          })
          .join(', ')
      rows.push([name, label, shown('own'), shown('training')])
    }
  }
  return table(['order', "to uniform's gain", 'calls / uniform, by seed', 'without measuring'], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length
}
