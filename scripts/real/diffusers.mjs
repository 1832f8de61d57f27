// Pipelines of diffusers with tiny random weights in the shared Python environment: doctor, one edit, an evaluation, a step of training.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lookedThrough, trainedThrough } from './through.mjs'

/** Family of tests/tiny_pipeline.py, class of diffusers, options that it is run with, and what its row says to set. */
const PIPELINES = [
  [
    'instruct-pix2pix',
    'StableDiffusionInstructPix2PixPipeline',
    'params: { num_inference_steps: 2 }',
    'plans of 77 tokens at most',
  ],
  ['kontext', 'FluxKontextPipeline', 'params: { num_inference_steps: 1 }', '`pixels`: its own sizes are switched off'],
  ['omnigen', 'OmniGenPipeline', 'params: { num_inference_steps: 1 }', 'nothing; one edit a call'],
  ['fibo-edit', 'BriaFiboEditPipeline', 'params: { num_inference_steps: 1 }', 'nothing: plans become its JSON'],
  ['z-image-omni', 'ZImageOmniPipeline', 'params: { num_inference_steps: 1 }', 'nothing: bfloat16 alone'],
]

export async function diffusersRows(given) {
  const { root, folder, today } = given
  const python = join(process.env.DDA_VENV ?? join(root, '.venv'), 'bin/python')
  const version = execFileSync(python, ['-c', 'import importlib.metadata as m; print(m.version("diffusers"))'], {
    encoding: 'utf8',
  }).trim()
  const rows = []
  for (const [family, name, options, set] of PIPELINES) {
    const cwd = join(folder, family)
    mkdirSync(cwd, { recursive: true })
    execFileSync(
      python,
      [join(root, 'plugins/editor-diffusers/python/tests/tiny_pipeline.py'), join(cwd, 'pipeline'), family],
      { stdio: 'pipe' },
    )
    writeFileSync(join(cwd, 'dda.config.yaml'), config(editorOf('./pipeline', options)))
    const looked = await lookedThrough(given, cwd, { thinker: 'thinker' })
    const { said, ok } = await trainedThrough(given, family, { editor: editorOf(join(cwd, 'pipeline'), options) })
    rows.push({
      software: `diffusers ${name}`,
      version,
      date: today,
      result: [...looked.said, ...said].join('; '),
      set,
      ok: looked.ok && ok,
    })
  }
  return rows
}

const editorOf = (model, options) =>
  `editor: { use: diffusers, model: ${model}, device: cpu, threads: 1, pixels: 4096, batch: 1, cutPlans: true, ${options} }`

const config = (editor) => `name: real-diffusers
seed: 3
thinker: { use: none }
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: 0, held-out: 2 } }
judge: [{ use: tabletop }]
reward: { use: dual-atomic }
${editor}
`
