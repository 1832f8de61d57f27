// `npm run warm-start:composed`: makes the base policy of `curriculum: composed` from the shipped one. Its plans and instructions are
// longer than the shipped policy has places for, so the tables of places are lengthened first; then it imitates plans of the unclear
// curriculum of composed tasks. Some minutes on 2 cores; interrupted, the same command continues. `-- --dir FOLDER` works elsewhere
// than in .dda/warm-start-composed, `-- --steps N --samples N` makes less of it.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createJiti } from 'jiti'
import { ensureBuild, ensureInstall, root, run } from './ensure-install.mjs'

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: join(root, '.dda', 'warm-start-composed') },
    steps: { type: 'string', default: '180' },
    samples: { type: 'string', default: '16000' },
    batch: { type: 'string', default: '48' },
    'no-build': { type: 'boolean', default: false },
  },
})
if (!values['no-build']) {
  ensureInstall()
  ensureBuild()
}
const { decodeSafetensors, encodeSafetensors } = await createJiti(import.meta.url).import(
  '../plugins/trainer-onnx/src/io/safetensors.ts',
)

/** Most tokens of an instruction of three sentences and of a plan of six edits. */
const LENGTHS = { 'prompt.position': 44, 'plan.position': 56 }

const project = resolve(values.dir)
const shipped = join(root, 'plugins/trainer-onnx/weights')
mkdirSync(join(project, 'long'), { recursive: true })
lengthen(join(shipped, 'base.safetensors'), join(project, 'long/policy.safetensors'))
cpSync(join(shipped, 'vocabulary.json'), join(project, 'long/vocabulary.json'))
cpSync(join(root, 'plugins/trainer-onnx/warm-start/composed.config.yaml'), join(project, 'dda.config.yaml'))

const dda = (...args) => run(process.execPath, [join(root, 'packages/cli/bin/dda.js'), ...args, '--cwd', project])
const sets = [`synthesize.count.train=${values.samples}`, `trainer.imitation.total=${values.steps}`].flatMap((pair) => [
  '--set',
  pair,
])
if (!existsSync(join(project, 'data/samples.jsonl'))) dda('synthesize', ...sets)
dda('train', '--stage', 'sft', '--steps', values.steps, '--batch', values.batch, '--name', 'warm-start', ...sets)
const target = join(root, 'bench/ablation/base')
mkdirSync(target, { recursive: true })
// The vocabulary is that of the shipped policy.
cpSync(join(project, 'runs/warm-start/export/policy.safetensors'), join(target, 'policy.safetensors'))
process.stdout.write(`The base policy of composed tasks is in ${target}\n`)

/** More places: the new ones begin as the last known one, which is nearest to them. */
function lengthen(from, to) {
  if (existsSync(to)) return
  const { tensors, metadata } = decodeSafetensors(readFileSync(from))
  const longer = tensors.map((tensor) => {
    const places = LENGTHS[tensor.name]
    const [known, width] = tensor.shape
    if (places === undefined || places <= known) return tensor
    const data = new Float32Array(places * width)
    data.set(tensor.data)
    for (let place = known; place < places; place++) data.set(tensor.data.subarray((known - 1) * width), place * width)
    return { ...tensor, shape: [places, width], data }
  })
  writeFileSync(to, encodeSafetensors(longer, metadata))
}
