// `dda train` with TRL's own GRPOTrainer as the trainer, on the embedded world. `npm run test:engines` installs TRL.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { engineEnv, enginePython, engines, recordRow, runEngine } from '../support/engines.ts'

let dir = ''
beforeEach(() => {
  dir = temporaryFolder()
  for (const [name, value] of Object.entries(engineEnv('http://nowhere.invalid'))) vi.stubEnv(name, value)
  vi.stubEnv('DDA_REWARD_URL', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const STEPS = 24
const SAMPLES = 4
/** The gradient of 128 plans stands out of their noise; that of 64 did not. */
const GROUP = 32
const QUARTER = STEPS / 4

interface Metrics {
  readonly step: number
  readonly policyVersion: number
  readonly metrics: Readonly<Record<string, number>>
}

function lines(file: string): readonly unknown[] {
  return readFileSync(join(dir, 'runs/grpo', file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test.skipIf(engines.trl === undefined)(
  'a tiny text policy learns by TRL on the tabletop: its reward rises; stopped and continued; evaluated and exported',
  async () => {
    writeFileSync(
      join(dir, 'dda.config.yaml'),
      `name: trl
seed: 3
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: ${SAMPLES}, held-out: 4 } }
editor: { use: tabletop }
judge: [{ use: tabletop }]
reward: { use: dual-atomic }
trainer:
  use: trl
  python: '${enginePython}'
  model: ./policy
  device: cpu
  dtype: float32
  threads: 1
  prompt: { system: null }
  maxPlan: 48
  kl: { coefficient: 0 }
  learningRate: 0.001
  # Else the first steps move every weight alike, also those of words that nobody wrote.
  adam: { epsilon: 0.001 }
  gradientCheckpointing: false
train: { steps: ${STEPS}, samplesPerStep: ${SAMPLES}, groupSize: ${GROUP}, order: shuffle, checkpointEvery: 8 }
`,
    )
    expect(await ddaHere(dir, 'synthesize')).toMatchObject({ ok: true })
    await runEngine('word_policy.py', { url: '' }, [dir, join(dir, 'policy'), '30'])

    const refused = await ddaHere(dir, 'train', '--name', 'no', '--set', 'train.order=prioritized')
    expect(refused).toMatchObject({ ok: false, error: { code: 'DDA_CONFIG_INVALID' } })
    expect(existsSync(join(dir, 'runs/no/engine'))).toBe(false)

    const begun = await ddaHere(dir, 'train', '--name', 'grpo', '--steps', '3')
    expect(begun.error, JSON.stringify(begun.error)).toBeUndefined()
    expect(begun).toMatchObject({ ok: true, data: { state: 'finished', step: 3 } })
    const ended = await ddaHere(dir, 'train', '--name', 'grpo')
    expect(ended.error, JSON.stringify(ended.error)).toBeUndefined()
    expect(ended).toMatchObject({ ok: true, data: { state: 'finished', step: STEPS, resumedFrom: 3 } })

    const metrics = lines('metrics.jsonl') as readonly Metrics[]
    expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, at) => at + 1))
    expect(metrics.map(({ policyVersion }) => policyVersion)).toEqual(metrics.map(({ step }) => step))
    const journal = lines('journal.jsonl') as readonly {
      readonly type: string
      readonly step: number
      readonly reward?: number
    }[]
    // Every row that TRL sampled is on the record of its step.
    for (const { step } of metrics)
      expect(journal.filter((line) => line.type === 'rollout' && line.step === step)).toHaveLength(SAMPLES * GROUP)
    // What TRL says of the reward is what the run has recorded.
    const rewards = journal.flatMap(({ type, reward }) => (type === 'step' && reward !== undefined ? [reward] : []))
    for (const [at, { metrics: said }] of metrics.entries()) expect(said['trl/reward']).toBeCloseTo(rewards[at] ?? 0, 4)
    const [first, last] = [mean(rewards.slice(0, QUARTER)), mean(rewards.slice(-QUARTER))]
    // What a step is off by of its neighbours is noise, and hardly anything else; the mean of a quarter is off by less.
    const jumps = rewards.slice(1).map((reward, at) => (reward - (rewards[at] ?? 0)) ** 2)
    const noise = Math.sqrt(mean(jumps) / 2) * Math.sqrt(2 / QUARTER)
    expect(last).toBeGreaterThan(first + 4 * noise)

    const evaluated = await ddaHere(dir, 'eval', '--thinker', 'base', '--thinker', 'trained', '--name', 'both')
    expect(evaluated).toMatchObject({ ok: true, data: { thinkers: { base: { samples: 4 }, trained: { samples: 4 } } } })
    expect(readdirSync(join(dir, 'runs/grpo/export'))).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    )
    recordRow(
      'TRL GRPOTrainer by `trainer: { use: trl }`',
      engines.trl,
      `\`dda train\` of a text policy of 10^5 parameters on the tabletop: mean reward ${first.toFixed(2)} in steps 1-${QUARTER}, ${last.toFixed(2)} in steps ${STEPS - QUARTER + 1}-${STEPS} (noise of the difference ${noise.toFixed(3)}); continued from step 3; evaluated`,
      '`python`: an environment with TRL and dda-reward',
    )
  },
  1_800_000,
)
