// Everything that reads what others may have written: files of a project and its runs, words of a command line.
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDdaError } from '@dda-thinker/plugin-api'
import { main } from '../packages/cli/src/index.ts'
import { loadConfig } from '../packages/config/src/index.ts'
import { openRows } from '../packages/data-files/src/index.ts'
import { readCalibration } from '../packages/evaluation/src/index.ts'
import { guardImage } from '../packages/pictures/src/index.ts'
import {
  findData,
  latestCheckpoint,
  loadData,
  projectPaths,
  importAnnotations,
  listArms,
  readAnnotations,
  readChecklist,
  openChecklists,
  readFunnel,
  readMetrics,
  readPluginTimings,
  readRun,
  readRunSpending,
  readScores,
  readTimings,
  runPath,
} from '../packages/runs/src/index.ts'
import { collect, ResultCache } from '../packages/store/src/index.ts'
import { Workflow, type WorkflowOptions } from '../plugins/editor-comfyui/src/workflow.ts'
import { parseVerdicts } from '../packages/chat-roles/src/judge/verdict-json.ts'
import { loadTaxonomy } from '../plugins/synthesizer-vlm/src/taxonomy.ts'
import { readCheckpoint } from '../plugins/trainer-onnx/src/io/checkpoint.ts'
import { decodeSafetensors, encodeSafetensors } from '../plugins/trainer-onnx/src/io/safetensors.ts'
import { buildVocabulary } from '../plugins/trainer-onnx/src/policy/vocabulary-builder.ts'
import { readVocabulary } from '../plugins/trainer-onnx/src/policy/vocabulary.ts'
import { damaged, type Dice, otherWord, pick } from './mutate.ts'

export interface Reader {
  readonly name: string
  /** Relative to the others. */
  readonly weight: number
  /** Damages one thing, reads it, and puts it right again. @throws whatever the reader throws */
  once(dice: Dice): Promise<unknown>
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface Fuzzed {
  readonly readers: readonly Reader[]
  remove(): void
}

/** Makes a project with data, a run and an evaluation, and every reader of it. */
export async function prepare(): Promise<Fuzzed> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'dda-fuzz-')))
  cpSync(join(ROOT, 'test/cli/project'), dir, { recursive: true })
  mkdirSync(join(dir, 'node_modules/@dda-thinker'), { recursive: true })
  symlinkSync(join(ROOT, 'packages/plugin-api'), join(dir, 'node_modules/@dda-thinker/plugin-api'), 'junction')
  for (const words of [
    ['synthesize'],
    ['curate'],
    ['train', '--name', 'run', '--steps', '4'],
    ['eval', '--name', 'figures'],
  ]) {
    await must(dir, words)
  }
  cpSync(join(dir, 'runs/figures'), join(dir, 'runs/packed'), { recursive: true })
  await must(dir, ['runs', 'pack', 'packed'])
  const made = foreignFiles(dir)
  const people = await answersOfPeople(dir)
  const paths = projectPaths((await loadConfig({ cwd: dir, check: [] })).config, dir)
  const [run, figures] = ['run', 'figures'].map((name) => runPath(paths.runsDir, name)) as [string, string]
  const packed = join(runPath(paths.runsDir, 'packed'), 'journal.jsonl.gz')
  const segment = join(paths.cache, readdirSync(paths.cache).find((name) => name.endsWith('.jsonl')) ?? '')
  const keys = readFileSync(segment, 'utf8')
    .split('\n')
    .flatMap((line) => /"k":"(\w+)"/.exec(line)?.[1] ?? [])
  const checkpoint = join(run, 'checkpoints', readdirSync(join(run, 'checkpoints')).at(-1) ?? '')
  const config = join(dir, 'dda.config.yaml')
  const file = (name: string, path: string, read: () => Promise<unknown>, weight = 1): Reader => ({
    name,
    weight,
    once: (dice) => withDamage(dice, path, read),
  })
  const readers: Reader[] = [
    file('configuration', config, () => loadConfig({ cwd: dir, env: {}, check: [] }), 2),
    file('configuration with plugins', config, () => loadConfig({ cwd: dir, env: {} }), 0.1),
    {
      name: '--set',
      weight: 2,
      once: (dice) => loadConfig({ cwd: dir, env: {}, check: [], set: [otherWord(dice, pick(dice, SETS))] }),
    },
    { name: 'DDA_ variables', weight: 1, once: (dice) => loadConfig({ cwd: dir, env: variable(dice), check: [] }) },
    {
      name: 'use',
      weight: 0.1,
      once: (dice) =>
        loadConfig({ cwd: dir, env: {}, set: [`editor.use=${JSON.stringify(otherWord(dice, './tiny.mjs'))}`] }),
    },
    file('samples.jsonl', paths.samples, () => loadData({ ...paths, curated: join(dir, 'none') })),
    file('curated.jsonl', paths.curated, () => loadData(paths)),
    file('data.json', paths.manifest, () => findData(paths)),
    file('decisions.jsonl', paths.decisions, () => readFunnel(paths)),
    file('set-aside.jsonl', made.setAside, () => readFunnel(paths)),
    file('run.json', join(run, 'run.json'), () => readRun(run)),
    file('status.json', join(run, 'status.json'), () => readRun(run)),
    file('lock', made.lock, () => readRun(run)),
    file('journal.jsonl', join(figures, 'journal.jsonl'), async () => listArms(await readRun(figures)), 2),
    file('metrics.jsonl', join(run, 'metrics.jsonl'), () => readMetrics(run)),
    file('timings.jsonl', join(run, 'timings.jsonl'), () => readTimings(run)),
    file('spending.jsonl', join(run, 'spending.jsonl'), () => readRunSpending(run)),
    file('plugin-timings.json', join(run, 'plugin-timings.json'), () => readPluginTimings(run)),
    file('scores.json', join(figures, 'scores.json'), () => readScores(figures)),
    file('packed journal', packed, async () => listArms(await readRun(join(packed, '..')))),
    file('annotations.jsonl', people.annotations, () => collect(readAnnotations(figures))),
    ...people.sheets.map((sheet) =>
      file(`sheet: ${sheet.split('.').at(-1)}`, sheet, async () => {
        const before = readFileSync(people.annotations)
        try {
          return await importAnnotations(await readRun(figures), paths, sheet, 'ann')
        } finally {
          writeFileSync(people.annotations, before)
        }
      }),
    ),
    file('calibration set', people.calibration, () => readCalibration(people.calibration)),
    file('checkpoint.json', join(checkpoint, 'checkpoint.json'), () => latestCheckpoint(run)),
    file('checklists.jsonl', made.checklists, () => openChecklists(made.checklists)),
    file('a checklist', made.checklist, () => readChecklist(made.checklist)),
    file('cache', segment, () => readCache(paths.cache, keys), 0.3),
    file('safetensors', made.tensors, async () => decodeSafetensors(bytesOf(made.tensors)), 2),
    file('checkpoint of trainer-onnx', made.onnx, () => readCheckpoint(join(made.onnx, '..'))),
    file('vocabulary', made.vocabulary, async () => readVocabulary(made.vocabulary)),
    file('workflow', made.workflow, async () => new Workflow(bytesOf(made.workflow).toString(), WORKFLOW).hash),
    {
      name: 'slots of a workflow',
      weight: 1,
      once: async (dice) => new Workflow(GRAPH, otherSlots(dice)).with(VALUES),
    },
    file('verdicts', made.verdicts, async () => parseVerdicts(bytesOf(made.verdicts).toString(), 2)),
    file('taxonomy', made.taxonomy, () => loadTaxonomy(made.taxonomy)),
    ...made.rows.map((path) =>
      file(`rows: ${path.split('.').at(-1)}`, path, async () => {
        let rows = 0
        for await (const row of openRows([path])) rows += Object.keys(row).length
        return rows
      }),
    ),
    {
      name: 'picture',
      weight: 1,
      once: async (dice) => guardImage(damaged(dice, made.picture), {}, 'bad-input'),
    },
    ...commands(dir),
  ]
  return { readers, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

async function must(dir: string, words: readonly string[]): Promise<void> {
  const ran = await command(dir, words)
  if (ran !== undefined) throw new Error(`dda ${words.join(' ')}: ${JSON.stringify(ran)}`)
}

/** Sheets that people have filled in, what was taken over of them, and the calibration set that comes of it. */
async function answersOfPeople(dir: string) {
  const at = (name: string) => join(dir, 'foreign', name)
  mkdirSync(at(''), { recursive: true })
  const sheets = [at('sheet.csv'), at('sheet.jsonl')]
  for (const sheet of sheets) await must(dir, ['annotate', 'figures', '--export', sheet])
  const [table = '', lines = ''] = sheets
  writeFileSync(table, readFileSync(table, 'utf8').replaceAll(/^([^,\n]+,[^,\n]+),,,/gm, '$1,yes,bo,'))
  writeFileSync(lines, readFileSync(lines, 'utf8').replaceAll('"answer":""', '"answer":"yes"'))
  await must(dir, ['annotate', 'figures', '--import', lines, '--by', 'ann'])
  const calibration = at('calibration.jsonl')
  await must(dir, ['annotate', 'figures', '--calibration', calibration])
  return { sheets, calibration, annotations: join(dir, 'runs/figures/annotations.jsonl') }
}

const SETS = [
  'train.steps=5',
  'judge[0].use=./tiny.mjs',
  'eval.editors={a: {use: ./tiny.mjs}}',
  '["data"]["dir"]=data',
  String.raw`["\q"]=1`,
  'seed=9007199254740993',
]

function variable(dice: Dice): Record<string, string> {
  return {
    [otherWord(dice, pick(dice, ['DDA_TRAIN__STEPS', 'DDA_JUDGE__0__USE', 'DDA_SEED']))]: otherWord(
      dice,
      '[1, {a: b}]',
    ),
  }
}

async function readCache(folder: string, keys: readonly string[]): Promise<void> {
  const cache = await ResultCache.open(folder)
  try {
    for (const key of keys) await cache.find(key)
  } finally {
    await cache.close()
  }
}

const GRAPH = JSON.stringify({
  1: { class_type: 'LoadImage', inputs: { image: 'a.png' } },
  2: { class_type: 'Encode', inputs: { text: 'x', image: ['1', 0] }, _meta: { title: 'Prompt' } },
})
const WORKFLOW = {
  workflow: 'w.json',
  slots: { image: '1.inputs.image', prompt: '2.inputs.text' },
  params: {},
} as unknown as WorkflowOptions
const VALUES = { images: ['a.png'], prompt: 'x', seed: 1, width: 8, height: 8 }
const NAMES = [
  'constructor',
  'toString',
  '__proto__',
  'hasOwnProperty',
  'valueOf',
  '1',
  '2',
  'image',
  'text',
  '',
  '.inputs.',
]

function otherSlots(dice: Dice): WorkflowOptions {
  const path = () => `${pick(dice, NAMES)}.inputs.${pick(dice, NAMES)}`
  return {
    ...WORKFLOW,
    slots: { ...WORKFLOW.slots, [pick(dice, ['image', 'prompt', 'seed', 'width'])]: path() },
    params: dice() < 0.5 ? {} : { [path()]: 1 },
    ...(dice() < 0.5 ? {} : { output: pick(dice, NAMES) }),
  }
}

/** Files that the tiny project has none of. */
function foreignFiles(dir: string) {
  const put = (name: string, content: string | Uint8Array): string => {
    mkdirSync(join(dir, 'foreign', name, '..'), { recursive: true })
    writeFileSync(join(dir, 'foreign', name), content)
    return join(dir, 'foreign', name)
  }
  const item = { id: 'a', scope: 'visual', question: 'Is it?', expected: 'yes', weight: 1 }
  const at = (path: string, content: string): string => {
    writeFileSync(join(dir, path), content)
    return join(dir, path)
  }
  const tensors = encodeSafetensors([
    { name: 'a', shape: [2, 2], data: new Float32Array(4) },
    { name: 'b', shape: [1], data: new Float32Array(1) },
  ])
  const row = { image: 'p.png', instruction: 'do', category: 'c', checklist: [item] }
  const store = readdirSync(join(dir, 'data/store'), { recursive: true, encoding: 'utf8' })
  const picture = store.find((name) => name.endsWith('.png')) ?? ''
  return {
    setAside: at('data/set-aside.jsonl', '{"where":"a:1","reason":"no picture","detail":"x"}\n'),
    lock: at('runs/run/lock', JSON.stringify({ pid: 1, host: 'h', token: 't', boot: 'b', started: 1 })),
    checklists: put(
      'checklists.jsonl',
      `${JSON.stringify({ id: 'one', checklist: [item] })}\n${JSON.stringify({ id: 'two', checklist: [item] })}\n`,
    ),
    checklist: put('checklist.json', JSON.stringify({ checklist: [item, { ...item, id: 'b' }] })),
    tensors: put('a.safetensors', tensors),
    onnx: put(
      'onnx/manifest.json',
      JSON.stringify({ format: 'dda-trainer-onnx/1', config: {}, counters: {}, files: {}, vocabularyHash: '' }),
    ),
    vocabulary: put('vocabulary.json', JSON.stringify(buildVocabulary(['paint it red', 'paint it blue']).toFile())),
    workflow: put('workflow.json', GRAPH),
    verdicts: put(
      'verdicts.txt',
      JSON.stringify({
        verdicts: [
          { answer: 'yes', reason: 'x' },
          { answer: 'no', reason: 'y' },
        ],
      }),
    ),
    taxonomy: put('taxonomy.yaml', readFileSync(join(ROOT, 'plugins/synthesizer-vlm/taxonomy.yaml'), 'utf8')),
    rows: [
      put('rows.jsonl', `${JSON.stringify(row)}\n`.repeat(3)),
      put('rows.json', JSON.stringify([row, row])),
      put('rows.csv', 'image,instruction,category\np.png,do,c\np.png,"do, it",c\n'),
    ],
    picture: readFileSync(join(dir, 'data/store', picture)),
  }
}

/** For readers of bytes, not of files. */
function bytesOf(path: string): Buffer {
  return statSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0)
}

async function withDamage(dice: Dice, path: string, read: () => Promise<unknown>): Promise<unknown> {
  const sound = readFileSync(path)
  if (dice() < 0.01) {
    rmSync(path)
    mkdirSync(path)
  } else writeFileSync(path, damaged(dice, sound))
  try {
    return await read()
  } finally {
    rmSync(path, { recursive: true, force: true })
    writeFileSync(path, sound)
  }
}

/** Whole commands on a copy, any of its files damaged. */
function commands(dir: string): readonly Reader[] {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /^(data|runs)/.test(name) && !/\.png$|^data.store/.test(name) && statSync(join(dir, name)).isFile(),
  )
  const lines: readonly (readonly string[])[] = [
    ['runs'],
    ['runs', 'show', 'run'],
    ['runs', 'show', 'figures'],
    ['report', 'figures'],
    ['compare', 'figures/base', 'figures/trained'],
    ['data', 'show'],
    ['data', 'funnel'],
    ['data', 'export', 'out.jsonl'],
    ['plugins', '--run', 'run'],
    ['annotate', 'figures'],
    ['annotate', 'figures', '--calibration', 'people.jsonl'],
    ['runs', 'pack', 'figures'],
    ['runs', 'show', 'packed'],
    ['reedit', 'packed', '--name', 're'],
    ['rejudge', 'figures', '--name', 'rj'],
    ['export', 'engine', '--to', 'verl'],
    ['export', 'engine', '--to', 'trl'],
    ['export', 'engine', '--to', 'openrlhf'],
    ['view', '--export', 'page'],
    ['query', 'select count(*) from verdicts'],
    ['curate'],
    ['train', '--name', 'run', '--steps', '5'],
    ['eval', '--name', 'figures'],
  ]
  return [
    {
      name: 'commands',
      weight: 0.03,
      async once(dice) {
        const copy = mkdtempSync(join(tmpdir(), 'dda-fuzz-copy-'))
        try {
          cpSync(dir, copy, { recursive: true })
          const words = pick(dice, lines)
          const target = join(copy, pick(dice, files))
          const read = async () => {
            const error = await command(copy, words)
            if (error !== undefined) throw new CommandError(`dda ${words.join(' ')} with ${target}`, error)
          }
          await withDamage(dice, target, read)
        } finally {
          rmSync(copy, { recursive: true, force: true })
        }
      },
    },
  ]
}

interface Told {
  readonly code: string
  readonly message: string
  readonly next?: string
}

class CommandError extends Error {
  readonly told: Told

  constructor(what: string, told: Told) {
    super(`${what}: ${told.code} ${told.message}`)
    this.told = told
  }
}

/** @returns the error that a command tells of */
async function command(cwd: string, words: readonly string[]): Promise<Told | undefined> {
  let stdout = ''
  const stderr = { isTTY: false, columns: 80, write: () => true } as unknown as NodeJS.WriteStream
  await main([...words, '--json', '--cwd', cwd], { stdout: (text) => void (stdout += text), stderr })
  return (JSON.parse(stdout) as { error?: Told }).error
}

/** Is it told by a code, with what to do next? */
export function isCoded(error: unknown): boolean {
  if (error instanceof CommandError) {
    const { code, next, message } = error.told
    // A defect of ours that a plugin is blamed for would be of these kinds.
    const ours =
      code === 'DDA_PLUGIN_FAILED' && /Cannot read prop|is not a function|not iterable|undefined/.test(message)
    return code.startsWith('DDA_') && code !== 'DDA_UNEXPECTED' && (next ?? '') !== '' && !ours
  }
  return isDdaError(error) && /^DDA_[A-Z_]+$/.test(error.code) && (error.next ?? '') !== ''
}
