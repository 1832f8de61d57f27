// Pipelines of diffusers with tiny random weights in the shared Python environment: doctor, one edit, an evaluation.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
]

export async function diffusersRows({ root, folder, dda, today }) {
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
    writeFileSync(join(cwd, 'dda.config.yaml'), config(options))
    const said = []
    const made = await dda(cwd, 'synthesize')
    const doctor = await dda(cwd, 'doctor')
    const canary = JSON.stringify(doctor.data ?? {}).match(/"found":"(\w+)"/)?.[1]
    said.push(doctor.ok === true ? `doctor: ${canary ?? 'no edit'}` : `doctor: ${doctor.error?.code}`)
    const evaluated = await dda(cwd, 'eval', '--thinker', 'thinker', '--name', 'real')
    const { samples = 0, scored = 0 } = evaluated.data?.thinkers?.thinker ?? {}
    said.push(evaluated.ok === true ? `eval: ${scored} of ${samples} scored` : `eval: ${evaluated.error?.code}`)
    const ok = made.ok === true && doctor.ok === true && evaluated.ok === true && samples > 0 && scored === samples
    rows.push({ software: `diffusers ${name}`, version, date: today, result: said.join('; '), set, ok })
  }
  return rows
}

const config = (options) => `name: real-diffusers
seed: 3
thinker: { use: none }
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: 0, held-out: 2 } }
judge: [{ use: tabletop }]
reward: { use: dual-atomic }
editor: { use: diffusers, model: ./pipeline, device: cpu, threads: 1, pixels: 4096, batch: 1, cutPlans: true, ${options} }
`
