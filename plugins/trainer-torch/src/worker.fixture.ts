import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testPython } from '@dda-thinker/python-worker'
import type { GivenTrainerOptions } from './index.ts'

/* The real worker and a tiny model of the real classes, for suites with many trainers. */

/** Interpreter of the shared environment; undefined: skip by name. */
export const python = testPython()

const folder = mkdtempSync(join(tmpdir(), 'dda-torch-test-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Where {@link buildModel} puts a model. */
export const modelFolder = (family: string): string => join(folder, family)

/** Builds a model of a family of Hugging Face, a few thousand random weights, with its processor. */
export function buildModel(family = 'qwen2_5_vl'): string {
  const script = fileURLToPath(new URL('../python/tests/tiny_model.py', import.meta.url))
  execFileSync(python ?? 'python3', [script, modelFolder(family), family], { stdio: 'pipe', env: environment() })
  return modelFolder(family)
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
}

/** Options that make the tiny model quick and every number repeatable. */
export const TINY = {
  model: modelFolder('qwen2_5_vl'),
  ...(python !== undefined && { python }),
  device: 'cpu',
  threads: 1,
  maxPlan: 6,
  gradientCheckpointing: false,
  freezeVision: false,
  learningRate: 1e-2,
} as const satisfies GivenTrainerOptions
