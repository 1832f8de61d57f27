import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testPython } from '@dda-thinker/python-worker'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { installPluginApi, root, temporaryFolder } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'
import { readJournalFile, runRecord } from './support/records.ts'

// A whole training, with PyTorch in a process of its own.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 600_000 })

const python = testPython()
const STEPS = 8

/** Rewards what a policy of random weights can find by itself within a few steps: letters rather than stray bytes. */
const REWARD = `import { API_VERSION, definePlugin, REWARD, Type } from '@dda-thinker/plugin-api'

const share = (text: string) => (text.match(/[ -~]/g)?.length ?? 0) / Math.max(1, text.length)

export default definePlugin({
  name: 'reward-letters',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup(api) {
    api.provide(REWARD, () => ({
      fingerprint: 'letters',
      decompose({ plan }) {
        const score = share(plan.text)
        return { total: score, components: { letters: score }, items: [], extras: { letters: score } }
      },
    }))
  },
})
`

const CONFIG = `name: tiny-torch
seed: 5
synthesizer:
  - use: tabletop
    curriculum: literal
synthesize:
  count: { train: 12, held-out: 4 }
editor: { use: tabletop }
judge:
  - use: tabletop
reward: { use: ./letters }
trainer:
  use: torch
  model: ./model
  device: cpu
  threads: 1
  freezeVision: false
  gradientCheckpointing: false
  maxPlan: 12
  miniBatch: 8
  epochs: 2
  learningRate: 0.01
  kl: { place: off }
train: { steps: ${STEPS}, samplesPerStep: 4, groupSize: 4, checkpointEvery: 2, maxStaleness: 0 }
`

describe.skipIf(python === undefined)(
  `a tiny Qwen2.5-VL in the whole loop${python === undefined ? ' (no Python environment)' : ''}`,
  () => {
    let dir = ''
    beforeAll(async () => {
      dir = temporaryFolder()
      installPluginApi(dir)
      writeFileSync(join(dir, 'letters.ts'), REWARD)
      writeFileSync(join(dir, 'dda.config.yaml'), CONFIG)
      const script = join(root, 'plugins/trainer-torch/python/tests/tiny_model.py')
      execFileSync(python ?? '', [script, join(dir, 'model'), 'qwen2_5_vl'], { stdio: 'pipe' })
      expect(await ddaHere(dir, 'synthesize')).toMatchObject({ ok: true })
    })
    afterAll(() => rmSync(dir, { recursive: true, force: true }))

    test('the reward rises, an interrupted run is exact, and the export evaluates', async () => {
      const whole = await ddaHere(dir, 'train', '--name', 'whole')
      expect(whole, JSON.stringify(whole.error)).toMatchObject({ ok: true, data: { state: 'finished' } })
      const rewards = readJournalFile(dir, 'whole').steps.map(({ reward }) => reward ?? 0)
      const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length
      expect(mean(rewards.slice(-3)) - mean(rewards.slice(0, 3)), rewards.join(' ')).toBeGreaterThan(0.1)

      // Half of it, and the rest by another process with other memories.
      await ddaHere(dir, 'train', '--name', 'parts', '--steps', String(STEPS / 2))
      const parts = await ddaHere(dir, 'train', '--name', 'parts')
      expect(parts, JSON.stringify(parts.error)).toMatchObject({
        ok: true,
        data: { state: 'finished', resumedFrom: STEPS / 2 },
      })
      const [a, b] = [runRecord(dir, 'whole'), runRecord(dir, 'parts')]
      const comparable = (files: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith('checkpoint.json')))
      expect(comparable(b.files)).toEqual(comparable(a.files))

      // The export is a model of its own, for the frozen Thinker.
      writeFileSync(
        join(dir, 'frozen.yaml'),
        `${CONFIG.slice(0, CONFIG.indexOf('trainer:'))}thinker: { use: torch, model: ./runs/whole/export, device: cpu, threads: 1, maxPlan: 12 }\n`,
      )
      const evaluated = await ddaHere(
        dir,
        'eval',
        '--config',
        'frozen.yaml',
        '--thinker',
        'thinker',
        '--split',
        'held-out',
      )
      expect(evaluated, JSON.stringify(evaluated.error ?? evaluated.data)).toMatchObject({
        ok: true,
        data: { thinkers: { thinker: { masked: 0 } } },
      })
      expect(readFileSync(join(dir, 'runs/whole/export/config.json'), 'utf8')).toContain('qwen2_5_vl')
    })
  },
)
