// What a setting of PPO looks like in the curves: npx jiti bench/ppo-settings.ts [--steps 16] [--out bench/results/ppo-settings], after npm run build
// The demo's training, at a third of its rollouts a step, with one setting changed at a time: same samples, seed, steps and rollouts. Draws ppo-settings.svg, a panel a metric,
// a line a setting. Runs that are finished are not run again.
// The curves of one run that is there, as docs/images/demo-training.svg has those of the demo (npm run demo -- --seed 1):
//   npx jiti bench/ppo-settings.ts --run demo/runs/train --svg docs/images/demo-training.svg
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { curves } from './ppo-settings/curves.ts'
import { dda, sets } from './run-dda.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '16' },
    out: { type: 'string', default: join(root, 'bench/results/ppo-settings') },
    run: { type: 'string' },
    svg: { type: 'string', default: 'training.svg' },
  },
})

const ARMS: Readonly<Record<string, { readonly label: string; readonly changes: readonly string[] }>> = {
  demo: { label: 'the demo', changes: [] },
  fast: { label: 'learning rate × 10', changes: ['trainer.learningRate=0.0011'] },
  passes: { label: '6 passes a step', changes: ['trainer.epochs=6'] },
  free: { label: 'no KL, no entropy bonus', changes: ['trainer.kl={place: off}', 'trainer.entropy=0'] },
}
const METRICS = [
  'reward/mean',
  'kl/reference',
  'policy/entropy',
  'policy/clip-fraction',
  'value/explained-variance',
  'kl/approx',
]

/** What tells whether a training is well. */
const OF_ONE_RUN = [
  'reward/mean',
  'solved',
  'kl/reference',
  'policy/entropy',
  'value/explained-variance',
  'policy/clip-fraction',
]
if (values.run !== undefined) {
  writeFileSync(
    values.svg,
    curves(OF_ONE_RUN, [{ label: basename(resolve(values.run)), steps: metricsOf(values.run) }]),
  )
  process.exit(0)
}

const out = resolve(values.out)
const project = join(out, 'project')
const common = ['seed=1', `train.steps=${values.steps}`, 'train.samplesPerStep=16', 'trainer.miniBatch=64']
mkdirSync(out, { recursive: true })
if (!existsSync(join(project, 'dda.config.yaml'))) await dda(out, ['init', project, '--name', 'settings'])
if (!existsSync(join(project, 'data/samples.jsonl'))) await dda(project, ['synthesize', ...sets(common)])
const runs = []
for (const [arm, { label, changes }] of Object.entries(ARMS)) {
  await dda(project, ['train', '--name', arm, ...sets([...common, ...changes])])
  runs.push({ label, steps: metricsOf(join(project, 'runs', arm)) })
  writeFileSync(join(out, 'ppo-settings.svg'), curves(METRICS, runs))
}

function metricsOf(run: string): readonly Readonly<Record<string, number>>[] {
  return readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly metrics: Readonly<Record<string, number>> }).metrics)
}
