// What the critic of trainer-onnx knows: npx jiti bench/critic.ts [--steps 24] [--seeds 1] [--out bench/results/critic], after npm run build
// The demo's training under real PPO (GAE, lambda 1, no group centring), once with the value head on the policy's trunk and once with
// a critic of its own: same samples, seed, steps and rollouts. Explained variance is that of the values from before each update, over
// all tokens; beside it reward and solved fraction of the last steps, and seconds a step of the update. Runs that are finished are not run
// again.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dda, sets } from './run-dda.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '24' },
    seeds: { type: 'string', default: '1' },
    out: { type: 'string', default: join(root, 'bench/results/critic') },
  },
})

/** The demo's settings that are the head's alone go where the critic is no head. */
const NO_HEAD = ['trainer.rateFactors={instruction: 300}', 'trainer.valueCoefficient=0.5']
const ARMS: Readonly<Record<string, readonly string[]>> = {
  head: [],
  'trunk-2-passes': [...NO_HEAD, 'trainer.critic={kind: trunk, passes: 2}'],
  'trunk-4-passes': [...NO_HEAD, 'trainer.critic={kind: trunk, passes: 4}'],
}
/** Steps over which explained variance is averaged. */
const WINDOWS = [
  [1, 5],
  [6, 10],
  [11, 15],
  [16, 20],
  [21, 25],
  [26, 40],
] as const

const out = resolve(values.out)
mkdirSync(out, { recursive: true })
const rows: string[][] = []
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const project = join(out, `seed-${seed}`)
  const common = [`seed=${seed}`, `train.steps=${values.steps}`, 'trainer.groupCentre=off']
  if (!existsSync(join(project, 'dda.config.yaml'))) await dda(out, ['init', project, '--name', 'critic'])
  if (!existsSync(join(project, 'data/samples.jsonl'))) await dda(project, ['synthesize', ...sets(common)])
  for (const [arm, changes] of Object.entries(ARMS)) {
    await dda(project, ['train', '--name', arm, ...sets([...common, ...changes])])
    rows.push([arm, String(seed), ...figures(join(project, 'runs', arm))])
    writeFileSync(join(out, 'critic.md'), table())
  }
}
process.stdout.write(readFileSync(join(out, 'critic.md'), 'utf8'))

function figures(run: string): string[] {
  const lines = (file: string): readonly Record<string, unknown>[] =>
    readFileSync(join(run, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const metrics = lines('metrics.jsonl').map(({ metrics: of }) => of as Readonly<Record<string, number>>)
  const mean = (list: readonly number[]): string =>
    list.length === 0 ? '–' : (list.reduce((sum, x) => sum + x, 0) / list.length).toFixed(3)
  const of = (name: string, some: typeof metrics): number[] => some.flatMap((one) => one[name] ?? [])
  const explained = WINDOWS.map(([from, to]) => mean(of('value/explained-variance', metrics.slice(from - 1, to))))
  const last = metrics.slice(-5)
  const seconds = lines('timings.jsonl').map(({ updateSeconds }) => Number(updateSeconds))
  return [...explained, mean(of('reward/mean', last)), mean(of('solved', last)), mean(seconds)]
}

function table(): string {
  const windows = WINDOWS.map(([from, to]) => `steps ${from}–${to}`)
  const head = ['critic', 'seed', ...windows, 'reward, last 5', 'solved, last 5', 'update s']
  return `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
