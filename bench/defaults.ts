// What the defaults of PPO do: npx jiti bench/defaults.ts [--steps 40] [--seeds 3] [--out bench/results/defaults], after npm run build
// The demo's world and preset, but what concerns the critic and the baseline as trainer-onnx has it where nothing is said, and one thing changed
// at a time: same samples, steps and rollouts.
// Of the last ten steps, mean over seeds: reward of the rollouts, its difference from the default in the same seed, share of
// rollouts solved, what the critic explains of the returns, KL to the first policy in nats a token. Finished runs are not run again.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { markdown, mean, meanOf, trainArms, type TrainedArm } from './train-arms.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '40' },
    seeds: { type: 'string', default: '3' },
    out: { type: 'string', default: join(root, 'bench/results/defaults') },
  },
})

/** What the demo's preset says of critic and baseline is taken back; its learning rates stay, without which nothing is learned in so few steps. */
const DEFAULTS = [
  'trainer.groupCentre=off',
  'trainer.rateFactors={instruction: 300, critic: 10}',
  'trainer.valueCoefficient=0.5',
  'trainer.clip={value: 0.5}',
]
/** Where the KL has a part: a weight that shows, in the loss. */
const IN_LOSS = 'trainer.kl.place=loss'
const ARMS: Readonly<Record<string, readonly string[]>> = {
  defaults: [],
  'critic-rate-1-x': ['trainer.rateFactors.critic=1'],
  'critic-rate-100-x': ['trainer.rateFactors.critic=100'],
  'lambda-0.95': ['trainer.lambda=0.95'],
  'clip.value-null': ['trainer.clip.value=null'],
  'loss-k3+': [IN_LOSS, 'trainer.kl.coefficient=0.05'],
  'loss-k3': [IN_LOSS, 'trainer.kl.coefficient=0.05', 'trainer.kl.lossEstimator=k3'],
  'recompute-cap-2': ['trainer.oldLogProbs=recompute'],
  'recompute-no-cap': ['trainer.oldLogProbs=recompute', 'trainer.importanceCap=null'],
}
/** Steps that are averaged. */
const LAST = 10

const out = resolve(values.out)
const common = [`train.steps=${values.steps}`, ...DEFAULTS]
const trained: TrainedArm[] = []
for await (const one of trainArms(out, { seeds: Number(values.seeds), common }, ARMS)) {
  trained.push(one)
  writeFileSync(join(out, 'defaults.md'), table())
}
process.stdout.write(table())

function table(): string {
  const of = (one: TrainedArm, name: string): number[] => {
    const found = meanOf(one.metrics.slice(-LAST), name)
    return found === undefined ? [] : [found]
  }
  const rows = Object.keys(ARMS).map((arm) => {
    const runs = trained.filter((one) => one.arm === arm)
    const differences = runs.flatMap((one) => {
      const base = trained.find((other) => other.arm === 'defaults' && other.seed === one.seed)
      const [mine, its] = [of(one, 'reward/mean')[0], base && of(base, 'reward/mean')[0]]
      return mine === undefined || its === undefined ? [] : [mine - its]
    })
    const over = (name: string) => mean(runs.flatMap((one) => of(one, name)))
    return [
      arm,
      over('reward/mean'),
      differences.map((x) => x.toFixed(3)).join(', '),
      over('solved'),
      over('value/explained-variance'),
      over('kl/reference'),
    ]
  })
  return markdown(['changed', 'reward', 'less the defaults, by seed', 'solved', 'explained variance', 'KL'], rows)
}
