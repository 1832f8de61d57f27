// A Thinker from nothing, in seconds and by the public API alone: first it imitates plans, then PPO teaches it what the
// demonstrations did not say, which colour to choose.
//
//   npm run build -- plugins/trainer-onnx && npx jiti plugins/trainer-onnx/examples/imitate-then-reinforce.ts
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plan, RoleContext, Rollout, ThinkerInput } from '@dda-thinker/plugin-api'
import { buildVocabulary, createOnnxTrainer } from '@dda-thinker/trainer-onnx'
import sharp from 'sharp'

const COLOURS = ['red', 'green', 'blue', 'orange']
const folder = mkdtempSync(join(tmpdir(), 'dda-example-'))
const signal = new AbortController().signal

// Pictures of one colour each, and one instruction.
const pictures = new Map<string, Uint8Array>()
const inputs: ThinkerInput[] = []
for (const background of COLOURS) {
  const bytes = await sharp({ create: { width: 32, height: 16, channels: 3, background } })
    .png()
    .toBuffer()
  const hash = createHash('sha256').update(bytes).digest('hex')
  pictures.set(hash, bytes)
  inputs.push({
    id: background,
    images: [{ hash, mediaType: 'image/png', width: 32, height: 16 }],
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
  log: { debug: () => undefined, info: () => undefined, warn: (message) => console.warn(message) },
}

// The demonstrations know the form of a plan and paint in any colour.
const write = (colour: string): string => `<look>a picture</look>\n<plan>paint it ${colour}</plan>`
const vocabulary = join(folder, 'vocabulary.json')
writeFileSync(
  vocabulary,
  JSON.stringify(buildVocabulary([...COLOURS.map(write), 'paint it'], { minCount: 1 }).toFile()),
)

const trainer = createOnnxTrainer({
  weights: 'random',
  vocabulary,
  microBatch: 32,
  learningRate: 3e-3,
  kl: { coefficient: 0.005 },
  imitation: { learningRate: 5e-3 },
  policy: { layers: 1, width: 32, heads: 2, hidden: 64, patchHidden: 16, valueHidden: 16, maxPrompt: 4, maxPlan: 16 },
})
await trainer.open?.(context)

const demonstrations = inputs.flatMap((input) => COLOURS.map((colour) => ({ input, text: write(colour) })))
for (let step = 1; step <= 60; step++) {
  const report = await trainer.imitate?.(demonstrations, { signal })
  if (step % 20 === 0) console.log(`imitation ${step}: loss ${report?.metrics['imitation/loss']?.toFixed(3)}`)
}

// The reward wants the colour of the picture.
const reward = (plan: Plan): number => (plan.format.ok && plan.executable === `paint it ${plan.sampleId}` ? 1 : 0)

for (let step = 1; step <= 100; step++) {
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
  if (step % 20 === 0) console.log(`step ${step}: reward ${metrics['reward/mean']?.toFixed(2)}`)
}

const greedy = inputs.map((input) => ({ id: input.id, input, seed: 0, temperature: 0 }))
for await (const result of trainer.thinker.plan(greedy, { signal })) {
  console.log(result.id, '->', 'plan' in result ? result.plan.executable : result.error)
}
await trainer.close?.()
rmSync(folder, { recursive: true, force: true })
