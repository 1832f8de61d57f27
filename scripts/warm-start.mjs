// `npm run warm-start`: makes the base policy again: the vocabulary from the words of the tabletop world, samples with
// demonstrations, the patch encoder alone (pretrain-encoder.mjs), two rounds of supervised training, and the weights into
// plugins/trainer-onnx/weights. About an hour on 2 cores; interrupted, the same command continues. `-- --dir FOLDER` works
// elsewhere than in .dda/warm-start.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureBuild, ensureInstall, root, run } from './ensure-install.mjs'

const BATCH = '128'
/** The second round goes on from the first with samples of its own and a learning rate that rises and falls once more. */
const ROUNDS = [
  { folder: 'first', seed: 1, samples: 52_000, steps: 2200, learningRate: 0.002 },
  { folder: 'second', seed: 2, samples: 44_000, steps: 2400, learningRate: 0.0012 },
]
/** Pieces of more than one word: what clauses begin and continue with. Names of two words are added from the catalogue. */
const PHRASES = [
  'turn the',
  'and the',
  'swap the',
  'remove the',
  'at the',
  'move the',
  'to the',
  'replace the',
  'make the',
  'add a',
  'add an',
  'add some',
  'with a',
  'with an',
  'with some',
  'far left',
  'far right',
]

ensureInstall()
ensureBuild()

const at = process.argv.indexOf('--dir')
const project = at < 0 ? join(root, '.dda', 'warm-start') : resolve(process.argv[at + 1] ?? '')
const weights = join(root, 'plugins/trainer-onnx/weights')
mkdirSync(project, { recursive: true })
mkdirSync(weights, { recursive: true })

const { buildVocabulary } = await import('@dda-thinker/trainer-onnx')
const { IDEA_WORDS, tabletopWords } = await import('@dda-thinker/tabletop')
const { KINDS } = await import('@dda-thinker/tabletop-world')
const names = KINDS.map((kind) => kind.name).filter((name) => name.includes(' '))
// Twice each: a piece has to occur at least that often.
const ideas = IDEA_WORDS.filter((words) => words.includes(' '))
const texts = [...tabletopWords(), ...PHRASES, ...names, ...ideas].flatMap((text) => [text, text])
const vocabulary = buildVocabulary(texts, { limit: 5000, phraseWords: 2, minCount: 2 })
writeFileSync(join(project, 'vocabulary.json'), `${JSON.stringify(vocabulary.toFile(), null, 1)}\n`)

const dda = (...args) => run(process.execPath, [join(root, 'packages/cli/bin/dda.js'), ...args])
let start = join(project, 'encoder')
for (const { folder, seed, samples, steps, learningRate } of ROUNDS) {
  const dir = join(project, folder)
  mkdirSync(dir, { recursive: true })
  cpSync(join(root, 'plugins/trainer-onnx/warm-start/dda.config.yaml'), join(dir, 'dda.config.yaml'))
  const sets = [
    `seed=${seed}`,
    `synthesize.count.train=${samples}`,
    `trainer.weights=${JSON.stringify(start)}`,
    `trainer.imitation.learningRate=${learningRate}`,
    `trainer.imitation.total=${steps}`,
  ].flatMap((pair) => ['--set', pair])
  dda('synthesize', '--cwd', dir, ...sets)
  await encoder(join(dir, 'data'))
  dda('train', '--stage', 'sft', '--steps', `${steps}`, '--batch', BATCH, '--name', 'warm-start', '--cwd', dir, ...sets)
  start = join(dir, 'runs/warm-start/export')
}

cpSync(join(start, 'policy.safetensors'), join(weights, 'base.safetensors'))
cpSync(join(start, 'vocabulary.json'), join(weights, 'vocabulary.json'))
if (at < 0) for (const { folder } of ROUNDS) rmSync(join(project, folder, 'data'), { recursive: true, force: true })
process.stdout.write(`The base policy is in ${weights}\n`)

/** The patch encoder, from the first round's samples. */
async function encoder(data) {
  if (existsSync(join(project, 'encoder/README.md'))) return
  const { pretrainEncoder } = await import('./pretrain-encoder.mjs')
  const [samples, store] = [join(data, 'samples.jsonl'), join(data, 'store')]
  const vocabulary = join(project, 'vocabulary.json')
  await pretrainEncoder({ samples, store, vocabulary, seed: 1, folder: join(project, 'encoder') })
}
