import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testPython } from '@dda-thinker/python-worker'
import { makePng, type Rgb } from '@dda-thinker/testkit'
import type { GivenDiffusersOptions } from './index.ts'

/* The real worker and tiny pipelines of the real classes, random weights. */

/** Interpreter of the shared environment; undefined: skip by name. */
export const python = testPython()
export const withoutPython = python === undefined ? ' (no Python environment)' : ''

export type Family = 'instruct-pix2pix' | 'kontext' | 'qwen-edit' | 'qwen-edit-plus' | 'text-to-image'

const folder = mkdtempSync(join(tmpdir(), 'dda-diffusers-test-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Where {@link buildPipeline} puts a pipeline. */
export const pipelineFolder = (family: Family): string => join(folder, family)

/** Builds a pipeline in a folder, as `save_pretrained` writes it. */
export function buildPipeline(family: Family): string {
  const script = fileURLToPath(new URL('../python/tests/tiny_pipeline.py', import.meta.url))
  const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
  execFileSync(python ?? 'python3', [script, pipelineFolder(family), family], { stdio: 'pipe', env })
  return pipelineFolder(family)
}

/** Options under which the tiny pipelines are quick and repeatable. */
export const TINY = {
  model: pipelineFolder('instruct-pix2pix'),
  ...(python !== undefined && { python }),
  device: 'cpu',
  threads: 1,
  pixels: 64 * 64,
  params: { num_inference_steps: 3 },
} as const satisfies GivenDiffusersOptions

export const KONTEXT = {
  ...TINY,
  model: pipelineFolder('kontext'),
  // Otherwise every picture is brought to a million pixels.
  params: {
    num_inference_steps: 2,
    max_area: 64 * 64,
    _auto_resize: false,
    true_cfg_scale: 2,
    negative_prompt: 'blurry',
  },
} as const satisfies GivenDiffusersOptions

const COLOURS: readonly Rgb[] = [
  [255, 0, 0],
  [0, 200, 0],
  [0, 0, 255],
]

/** A picture of a colour with a pattern. */
export function picture(index: number, width = 64, height = 48): Uint8Array {
  const [red, green, blue] = COLOURS[index % COLOURS.length] as Rgb
  return makePng({ width, height, pixel: (x, y) => [red, (green + 4 * x) % 256, (blue + 5 * y) % 256] })
}
