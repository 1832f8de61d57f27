// What the critic of trainer-onnx knows: npx jiti bench/critic.ts [--steps 24] [--seeds 1] [--out bench/results/critic], after npm run build
// The demo's training under real PPO (GAE, lambda 1, no group centring), once with the value head on the policy's trunk and once with
// a critic of its own: same samples, seed, steps and rollouts. Explained variance is that of the values from before each update, over
// all tokens; beside it reward and solved fraction of the last steps, and seconds a step of the update. Runs that are finished are not run
// again.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { markdown, mean, meanOf, trainArms } from './train-arms.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '24' },
    seeds: { type: 'string', default: '1' },
    out: { type: 'string', default: join(root, 'bench/results/critic') },
  },
})

const ARMS: Readonly<Record<string, readonly string[]>> = {
  head: [],
  'trunk-2-passes': ['trainer.critic={kind: trunk, passes: 2}'],
  'trunk-4-passes': ['trainer.critic={kind: trunk, passes: 4}'],
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
const common = [`train.steps=${values.steps}`, 'trainer.groupCentre=off']
const windows = WINDOWS.map(([from, to]) => `steps ${from}–${to}`)
const head = ['critic', 'seed', ...windows, 'reward, last 5', 'solved, last 5', 'update s']
const rows: (string | number | undefined)[][] = []
for await (const { arm, seed, metrics, seconds } of trainArms(out, { seeds: Number(values.seeds), common }, ARMS)) {
  const explained = WINDOWS.map(([from, to]) => meanOf(metrics.slice(from - 1, to), 'value/explained-variance'))
  const last = metrics.slice(-5)
  rows.push([arm, String(seed), ...explained, meanOf(last, 'reward/mean'), meanOf(last, 'solved'), mean(seconds)])
  writeFileSync(join(out, 'critic.md'), markdown(head, rows))
}
process.stdout.write(markdown(head, rows))
