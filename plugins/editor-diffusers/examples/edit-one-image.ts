// Edits one picture by a pipeline of diffusers and writes edited.png. Without --model it builds a tiny FLUX.1 Kontext first: the
// real classes with random weights, so what it paints is noise.
//
//   dda editor install diffusers && npm run build -- plugins/editor-diffusers
//   npx jiti plugins/editor-diffusers/examples/edit-one-image.ts [--plan "..."] [--source a.png]
//     [--model black-forest-labs/FLUX.1-Kontext-dev] [--pipeline FluxKontextPipeline] [--device cuda] [--steps 28]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { diffusersEditor } from '@dda-thinker/editor-diffusers'
import { ensureVenv } from '@dda-thinker/python-worker'
import { makeContext, makePng } from '@dda-thinker/testkit'

const { values } = parseArgs({
  options: {
    plan: { type: 'string', default: 'Let the banana rot: brown spots all over its skin. Change nothing else.' },
    source: { type: 'string' },
    model: { type: 'string' },
    pipeline: { type: 'string' },
    device: { type: 'string' },
    steps: { type: 'string', default: '4' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'dda-example-'))
const { python } = await ensureVenv({ onLine: console.log })
if (values.model === undefined) {
  const script = fileURLToPath(new URL('../python/tests/tiny_pipeline.py', import.meta.url))
  execFileSync(python, [script, join(folder, 'kontext'), 'kontext'], { stdio: 'ignore' })
}
const tiny = values.model === undefined ? { max_area: 4096, _auto_resize: false } : {}
const editor = diffusersEditor({
  model: values.model ?? join(folder, 'kontext'),
  python,
  ...(values.pipeline !== undefined && { pipeline: values.pipeline }),
  ...(values.device !== undefined && { device: values.device }),
  ...(values.model === undefined && { pixels: 4096 }),
  params: { num_inference_steps: Number(values.steps), ...tiny },
})
const context = makeContext({ log: { debug: () => undefined, info: console.log, warn: console.warn } })
const image = await context.images.put(
  values.source === undefined ? makePng({ width: 64, height: 48 }) : await readFile(values.source),
)
try {
  await editor.open?.(context)
  console.log(`fingerprint: ${editor.fingerprint}`)
  const { bytes } = await editor.edit({ images: [image], plan: values.plan, seed: 1 }, { signal: context.signal })
  await writeFile('edited.png', bytes)
  console.log(`edited.png written, ${bytes.length} bytes`)
} finally {
  await editor.close?.()
  rmSync(folder, { recursive: true, force: true })
}
