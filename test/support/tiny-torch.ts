import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testPython } from '@dda-thinker/python-worker'
import { installPluginApi, root, temporaryFolder } from './dda.ts'
import { ddaHere } from './in-process.ts'
import type { Folder } from './tiny-tabletop.ts'

/** Interpreter of the shared environment; undefined: skip by name. */
export const python = testPython()
/** For the name of a suite that is skipped without it. */
export const withoutPython = python === undefined ? ' (no Python environment)' : ''

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

const DATA = `name: tiny-torch
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
`

/** A config whose Thinker is a frozen model. */
export const frozenConfig = (model: string): string =>
  `${DATA}thinker: { use: torch, model: ${model}, device: cpu, threads: 1, maxPlan: 12 }\n`

/**
 * A project on the tabletop with pictures, and a Qwen-VL of random weights in `model`: the real classes and processor, some
 * thousand weights. Copies of the project share the model: checkpoints hold its path.
 */
export async function tinyTorch(trainer: string, train: string, family = 'qwen2_5_vl'): Promise<Folder> {
  const dir = temporaryFolder()
  installPluginApi(dir)
  writeFileSync(join(dir, 'letters.ts'), REWARD)
  writeFileSync(
    join(dir, 'dda.config.yaml'),
    `${DATA}trainer:
  use: torch
  model: ${join(dir, 'model')}
  device: cpu
  threads: 1
  gradientCheckpointing: false
${trainer.replace(/^/gm, '  ')}
train: { ${train} }
`,
  )
  buildModel(join(dir, 'model'), family)
  const made = await ddaHere(dir, 'synthesize')
  if (made.ok !== true) throw new Error(JSON.stringify(made.error))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** Writes a model of a family of Hugging Face with random weights. */
export function buildModel(folder: string, family: string): void {
  const script = join(root, 'plugins/trainer-torch/python/tests/tiny_model.py')
  mkdirSync(folder, { recursive: true })
  execFileSync(python ?? 'python3', [script, folder, family], { stdio: 'pipe' })
}

/** The tensors of a safetensors file, as their bytes and what they are, by name. */
export function readTensors(file: string): ReadonlyMap<string, { readonly kind: string; readonly bytes: Buffer }> {
  const all = readFileSync(file)
  const start = 8 + Number(all.readBigUInt64LE(0))
  const header = JSON.parse(all.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: readonly number[]; data_offsets: readonly [number, number] }
  >
  return new Map(
    Object.entries(header).flatMap(([name, { dtype, shape, data_offsets }]) => {
      if (name === '__metadata__') return []
      const bytes = all.subarray(start + data_offsets[0], start + data_offsets[1])
      return [[name, { kind: `${dtype} ${shape.join('x')}`, bytes }] as const]
    }),
  )
}
