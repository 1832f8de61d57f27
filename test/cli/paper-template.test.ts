import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scaffold } from '@dda-thinker/scaffold'
import { makePng } from '@dda-thinker/testkit'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { writeRiseData } from '../../plugins/benchmark-rise/src/rise.fixture.ts'
import { startStandIn as startEditor } from '../../plugins/editor-openai/src/stand-in-server.ts'
import { startStandIn as startJudge } from '../../plugins/judge-vlm/src/stand-in-server.ts'
import { ensureBuilt, installPluginApi, temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { startRatingServer } from '../support/rating-server.ts'
import { buildModel, python, withoutPython } from '../support/tiny-torch.ts'

vi.setConfig({ testTimeout: 900_000, hookTimeout: 600_000 })

const JUDGE = 'Qwen3-VL-32B-Instruct'

beforeAll(() => ensureBuilt('world'))

async function project(): Promise<string> {
  const dir = join(temporaryFolder(), 'paper')
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  await scaffold({ template: 'paper', dir })
  installPluginApi(dir)
  return dir
}

/** What `npm run` of a script does, one command after the other. */
function commandsOf(scripts: Readonly<Record<string, string>>, name: string): readonly (readonly string[])[] {
  return (scripts[name] ?? `dda no-script-${name}`).split(' && ').flatMap((command) => {
    const [program, ...words] = command.split(' ')
    return program === 'npm' ? commandsOf(scripts, words[1] ?? '') : [words]
  })
}

const read = (dir: string, file: string) => readFileSync(join(dir, file), 'utf8')

test('the template of the paper is sound as it is scaffolded, and marks what is its own choice', async () => {
  const dir = await project()
  expect(await ddaHere(dir, 'config', 'check')).toMatchObject({ exitCode: 0 })
  const { values } = (await ddaHere(dir, 'config', 'print')).data
  const value = (path: string) => values.find((entry: { path: string }) => entry.path === path)?.value
  expect(value('trainer.model')).toBe('Qwen/Qwen3-VL-8B-Instruct')
  expect(value('editor.model')).toBe('Qwen/Qwen-Image-Edit-2511')
  for (const line of read(dir, 'dda.config.yaml').split('\n')) {
    if (/^\s*(learningRate|kl|lora|curator|reward|train):/.test(line)) expect(line).toContain('# ?')
  }
})

describe.skipIf(python === undefined)(`with a model of random weights${withoutPython}`, () => {
  test('one command runs the whole setting against servers: benchmarks, training, benchmarks again, reports', async () => {
    const dir = await project()
    const [editor, judge, rating] = [
      await startEditor(),
      await startJudge({ model: JUDGE, opinion: (question) => (question.length % 2 === 0 ? 'yes' : 'no') }),
      await startRatingServer(JUDGE, ({ text }) =>
        text.includes('"consistency_score"') || text.includes('_score')
          ? '{"consistency_score": 4, "quality_score": 4, "instruction_score": 4, "knowledge_score": 4, "reasoning": "r"}'
          : `**Final Score:** ${text.includes('being 0 or 1') ? 1 : 5}`,
      ),
    ]
    onTestFinished(async () => {
      await Promise.all([editor.close(), judge.close(), rating.close()])
    })
    await writeRiseData(join(dir, 'benchmarks/RISEBench'))
    const kris = join(dir, 'benchmarks/KRIS_Bench/color_change')
    mkdirSync(kris, { recursive: true })
    writeFileSync(join(kris, 'annotation.json'), JSON.stringify({ 1: { ori_img: '1.jpg', ins_en: 'Make it red.' } }))
    writeFileSync(join(kris, '1.jpg'), makePng({ width: 8, height: 8, pixel: () => [9, 9, 9] }))
    buildModel(join(dir, 'model'), 'qwen3_vl')

    // Where servers are, and how much is done: nothing else of the template is touched.
    const config = parse(read(dir, 'dda.config.yaml'))
    config.editor.endpoints = [editor.url]
    for (const one of config.judge) one.endpoint = judge.url
    for (const one of config.benchmark) one.judge.endpoints = [rating.url]
    config.synthesize.count = { train: 4, 'held-out': 2 }
    Object.assign(config.curator[0], { rollouts: 2, minMean: undefined, maxMean: undefined, minStd: 0 })
    Object.assign(config.trainer, { model: './model', device: 'cpu', threads: 1, maxPlan: 8 })
    config.train = { steps: 1, samplesPerStep: 2, groupSize: 2 }
    writeFileSync(join(dir, 'dda.config.yaml'), stringify(config))

    const { scripts } = JSON.parse(read(dir, 'package.json'))
    const told = []
    for (const args of commandsOf(scripts, 'all')) {
      const { exitCode, error, data } = await ddaHere(dir, ...args)
      expect({ args, exitCode, error }).toEqual({ args, exitCode: 0, error: undefined })
      told.push({ command: args.slice(0, 3).join(' '), data })
    }
    expect(told.map(({ command }) => command)).toEqual([
      'benchmark run rise',
      'benchmark run kris',
      'synthesize',
      'curate',
      'train',
      'eval',
      'benchmark run rise',
      'benchmark run kris',
      'report rise --out',
      'report kris --out',
    ])
    expect(told[6]?.data).toMatchObject({
      state: 'finished',
      thinkers: { none: { n: 9, coverage: 1 }, base: { n: 9 }, trained: { n: 9 } },
      differences: [
        { a: 'none', b: 'base' },
        { a: 'none', b: 'trained' },
      ],
    })
    for (const name of ['rise', 'kris']) {
      expect(read(dir, `report/${name}/report.html`)).toContain('DDA-Thinker 32B')
    }
  })
})
