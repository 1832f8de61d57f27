// `npm run warm-start`: makes the base policy again: the vocabulary from the words of the tabletop world, literal samples with
// demonstrations, the patch encoder alone (pretrain-encoder.mjs), supervised training, and the weights into
// plugins/trainer-onnx/weights. About 15 minutes on 2 cores; interrupted, the same command continues. `-- --dir FOLDER` works elsewhere than in .dda/warm-start.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureBuild, ensureInstall, root, run } from './ensure-install.mjs'

const STEPS = '1800'
const BATCH = '128'
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
cpSync(join(root, 'plugins/trainer-onnx/warm-start/dda.config.yaml'), join(project, 'dda.config.yaml'))

const { buildVocabulary } = await import('@dda-thinker/trainer-onnx')
const { tabletopWords } = await import('@dda-thinker/tabletop')
const { KINDS } = await import('@dda-thinker/tabletop-world')
const names = KINDS.map((kind) => kind.name).filter((name) => name.includes(' '))
// Twice each: a piece has to occur at least that often.
const texts = [...tabletopWords(), ...PHRASES, ...names].flatMap((text) => [text, text])
const vocabulary = buildVocabulary(texts, { limit: 5000, phraseWords: 2, minCount: 2 })
writeFileSync(join(project, 'vocabulary.json'), `${JSON.stringify(vocabulary.toFile(), null, 1)}\n`)

const dda = (...args) => run(process.execPath, [join(root, 'packages/cli/bin/dda.js'), ...args, '--cwd', project])
dda('synthesize')
const encoder = join(project, 'encoder')
if (!existsSync(join(encoder, 'README.md'))) {
  const { pretrainEncoder } = await import('./pretrain-encoder.mjs')
  const samples = join(project, 'data/samples.jsonl')
  const store = join(project, 'data/store')
  await pretrainEncoder({ samples, store, vocabulary: join(project, 'vocabulary.json'), seed: 1, folder: encoder })
}
dda('train', '--stage', 'sft', '--steps', STEPS, '--batch', BATCH, '--name', 'warm-start')

const exported = join(project, 'runs/warm-start/export')
cpSync(join(exported, 'policy.safetensors'), join(weights, 'base.safetensors'))
cpSync(join(exported, 'vocabulary.json'), join(weights, 'vocabulary.json'))
if (at < 0) rmSync(join(project, 'data'), { recursive: true, force: true })
process.stdout.write(`The base policy is in ${weights}\n`)
