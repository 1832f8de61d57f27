// What every piece of real software is put through: doctor, one edit, an evaluation, and steps of training.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const TABLETOP = { editor: 'editor: { use: tabletop }', judge: 'judge:\n  - use: tabletop' }

/**
 * Doctor, an edit and an evaluation in a project, each as a few words; `ok` where all did what they should.
 * @param wanted `plans`: the Thinker is of random weights, so plans that come back and are judged for their format are what counts
 */
export async function lookedThrough({ root, dda }, cwd, { thinker, wanted = 'scores' }) {
  const said = []
  const made = await dda(cwd, 'synthesize')
  const doctor = await dda(cwd, 'doctor')
  const canary = JSON.stringify(doctor.data ?? {}).match(/"found":"(\w+)"/)?.[1]
  said.push(doctor.ok === true ? `doctor: ${canary ?? 'ready'}` : `doctor: ${doctor.error?.code}`)
  const { makePng } = await built(root, 'packages/testkit')
  writeFileSync(join(cwd, 'source.png'), makePng({ width: 96, height: 64, pixel: (x, y) => [x * 2, y * 3, 90] }))
  const edit = await dda(cwd, 'edit', 'source.png', 'Make it darker', '--thinker', thinker, '--out', 'edited.png')
  const hasPicture = existsSync(join(cwd, 'edited.png'))
  said.push(hasPicture ? 'edit: a picture' : `edit: ${edit.error?.code ?? 'no picture'}`)
  const evaluated = await dda(cwd, 'eval', '--thinker', thinker, '--name', 'real')
  const { samples = 0, scored = 0, masked = 0 } = evaluated.data?.thinkers?.[thinker] ?? {}
  if (evaluated.ok !== true) said.push(`eval: ${evaluated.error?.code}`)
  else if (wanted === 'scores') said.push(`eval: ${scored} of ${samples} scored`)
  else said.push(`eval: ${samples - masked} of ${samples} plans came back and were judged for their format`)
  const isWhole = wanted === 'scores' ? hasPicture && scored === samples : masked === 0
  return { said, ok: made.ok === true && doctor.ok === true && evaluated.ok === true && samples > 0 && isWhole }
}

/** A step of training of a small policy, with other roles than the tabletop's. */
export async function trainedThrough(given, name, roles) {
  const cwd = join(given.folder, `train-${name}`)
  cpSync(await warmProject(given), cwd, { recursive: true })
  const file = join(cwd, 'dda.config.yaml')
  const config = Object.entries(roles).reduce(
    (text, [role, block]) => text.replace(TABLETOP[role], block),
    readFileSync(file, 'utf8'),
  )
  writeFileSync(file, config)
  const trained = await given.dda(cwd, 'train', '--init', 'warm', '--name', 'run', '--steps', '1')
  if (trained.ok !== true) return { said: [`train: ${trained.error?.code}`], ok: false }
  const lines = readFileSync(join(cwd, 'runs/run/journal.jsonl'), 'utf8').trimEnd().split('\n').map(JSON.parse)
  const rollouts = lines.filter(({ type }) => type === 'rollout').map(({ rollout }) => rollout)
  const count = (kind) => rollouts.filter(({ outcome }) => outcome?.kind === kind).length
  const edited = rollouts.filter(({ edit }) => edit !== undefined).length
  const masked = count('masked')
  return {
    said: [`train: a step of ${rollouts.length} rollouts, ${edited} edited, ${masked} masked`],
    ok: edited > 0 && masked === 0,
  }
}

/** A project whose small policy writes about half of its plans well: made once a run. */
async function warmProject({ root, folder, dda }) {
  const cwd = join(folder, 'warm')
  if (existsSync(join(cwd, 'runs/warm'))) return cwd
  mkdirSync(cwd, { recursive: true })
  const config = readFileSync(join(root, 'test/fixtures/tiny-tabletop/dda.config.yaml'), 'utf8')
  writeFileSync(join(cwd, 'dda.config.yaml'), config)
  await dda(cwd, 'synthesize')
  const samples = readFileSync(join(cwd, 'data/samples.jsonl'), 'utf8').trimEnd().split('\n').map(JSON.parse)
  const texts = samples.flatMap(({ instruction, demonstration = '' }) => [instruction, demonstration])
  const { buildVocabulary } = await built(root, 'plugins/trainer-onnx')
  const vocabulary = buildVocabulary(texts, { minCount: 1, phraseWords: 1 })
  writeFileSync(join(cwd, 'vocabulary.json'), JSON.stringify(vocabulary.toFile()))
  const warm = await dda(cwd, 'train', '--stage', 'sft', '--steps', '60', '--batch', '16', '--name', 'warm')
  if (warm.ok !== true) throw new Error(`no warm start: ${JSON.stringify(warm.error)}`)
  return cwd
}

/** What `npm run build` has made of a package. */
export function built(root, name) {
  return import(pathToFileURL(join(root, name, 'dist/index.js')).href)
}
