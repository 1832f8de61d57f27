// A vision-language policy from nothing, on the CPU and by the public API alone: a Qwen2.5-VL of random weights, real classes and
// processor but a few thousand weights, imitates plans first, then PPO teaches it what the demonstrations did not say: to look.
// With `model: 'Qwen/Qwen2.5-VL-3B-Instruct'` and a GPU nothing else changes.
//
//   dda trainer install torch && npm run build -- plugins/trainer-torch && npx jiti plugins/trainer-torch/examples/imitate-then-reinforce.ts
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plan, RoleContext, Rollout, ThinkerInput } from '@dda-thinker/plugin-api'
import { ensureVenv } from '@dda-thinker/python-worker'
import { createTorchTrainer } from '@dda-thinker/trainer-torch'
import sharp from 'sharp'

const COLOURS = ['red', 'green', 'blue']
const folder = mkdtempSync(join(tmpdir(), 'dda-example-'))
const signal = new AbortController().signal

// Pictures of one colour each, and one instruction.
const pictures = new Map<string, Uint8Array>()
const inputs: ThinkerInput[] = []
for (const background of COLOURS) {
  const bytes = await sharp({ create: { width: 56, height: 56, channels: 3, background } })
    .png()
    .toBuffer()
  const hash = createHash('sha256').update(bytes).digest('hex')
  pictures.set(hash, bytes)
  inputs.push({
    id: background,
    images: [{ hash, mediaType: 'image/png', width: 56, height: 56 }],
    instruction: 'paint it',
  })
}
const context: RoleContext = {
  images: {
    get: (image) => Promise.resolve(pictures.get(image.hash) ?? new Uint8Array()),
    put: () => Promise.reject(new Error('this example stores nothing')),
  },
  signal,
  seed: 1,
  log: { debug: () => undefined, info: console.log, warn: (message) => console.warn(message) },
}

// The model: a folder as the hub has them.
const { python } = await ensureVenv({ onLine: console.log })
const model = join(folder, 'model')
const script = fileURLToPath(new URL('../python/tests/tiny_model.py', import.meta.url))
execFileSync(python, [script, model, 'qwen2_5_vl'], { stdio: 'ignore' })

const trainer = createTorchTrainer({
  model,
  device: 'cpu',
  threads: 1,
  freezeVision: false,
  gradientCheckpointing: false,
  tags: { reasoning: null, plan: 'plan' },
  maxPlan: 8,
  learningRate: 3e-3,
  epochs: 2,
  entropy: 0.005,
  kl: { coefficient: 0.02 },
  imitation: { learningRate: 1e-2 },
})
await trainer.open(context)

// The demonstrations know the form of a plan and paint in any colour.
const demonstrations = inputs.flatMap((input) =>
  COLOURS.map((colour) => ({ input, text: `<plan>paint${colour}</plan>` })),
)
for (let step = 1; step <= 30; step++) {
  const { metrics } = await trainer.imitate(demonstrations, { signal })
  if (step % 10 === 0) console.log(`imitation ${step}: loss ${metrics['imitation/loss']?.toFixed(3)}`)
}

// The reward wants the colour of the picture.
const reward = (plan: Plan): number => (plan.format.ok && plan.executable === `paint${plan.sampleId}` ? 1 : 0)

for (let step = 1; step <= 60; step++) {
  const requests = inputs.flatMap((input, i) =>
    Array.from({ length: 8 }, (_, k) => ({ id: `${step}/${input.id}/${k}`, input, seed: step * 100 + i * 8 + k })),
  )
  const rollouts: Rollout[] = []
  for await (const result of trainer.thinker.plan(requests, { signal })) {
    if ('error' in result) throw result.error
    const { plan } = result
    const total = reward(plan)
    rollouts.push({
      id: plan.id,
      sampleId: plan.sampleId,
      group: `${step}/${plan.sampleId}`,
      member: Number(plan.id.split('/')[2]),
      plan,
      verdicts: [],
      reward: { total, components: { colour: total }, items: [], extras: { colour: total } },
      outcome: { kind: 'scored' },
    })
  }
  const { metrics } = await trainer.update({ step, rollouts, inputs }, { signal })
  if (step % 10 === 0) console.log(`step ${step}: reward ${metrics['reward/mean']?.toFixed(2)}`)
}

const greedy = inputs.map((input) => ({ id: input.id, input, seed: 0, temperature: 0 }))
for await (const result of trainer.thinker.plan(greedy, { signal })) {
  console.log(result.id, '->', 'plan' in result ? result.plan.executable : result.error)
}
await trainer.close()
rmSync(folder, { recursive: true, force: true })
