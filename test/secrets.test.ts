import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { startStandIn as startEditor } from '../plugins/editor-openai/src/stand-in-server.ts'
import { writeRiseData } from '../plugins/benchmark-rise/src/rise.fixture.ts'
import { temporaryFolder, tinyProject } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'
import { startRatingServer } from './support/rating-server.ts'
import { frozenConfig, python, tinyTorch, withoutPython } from './support/tiny-torch.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const LONG = 'canary "k7vz3w<9c&1e' // What JSON, markup and URLs write otherwise.
const SHORT = 'c4n-4ry'
const PASSWORD = 'pw-canary-83b1'
/** Whatever of them may show, in any writing. */
const LEAKS = [LONG, JSON.stringify(LONG).slice(1, -1), 'k7vz3w', SHORT, PASSWORD, Buffer.from(LONG).toString('base64')]

/** Says its options wherever a plugin can say anything. */
const TELLTALE = `import { API_VERSION, DdaError, definePlugin, Type } from '@dda-thinker/plugin-api'

export default definePlugin({
  name: 'telltale',
  apiVersion: API_VERSION,
  options: Type.Object({ params: Type.Record(Type.String(), Type.String()), fail: Type.Boolean({ default: false }) }),
  setup(api, { params, fail }) {
    const said = Object.values(params).join(' and ')
    api.log.info('with ' + said)
    api.log.warn('again with ' + said)
    api.tap('synthesize', (sample) => ({ ...sample, provenance: { ...sample.provenance, params, said } }))
    api.tap('plan', (plan) => ({ ...plan, reasoning: said, thinker: plan.thinker + ' ' + said }))
    api.tap('judge', (verdict) => ({ ...verdict, reason: said, judge: verdict.judge + ' ' + said }))
    api.tap('update', (update) => ({ ...update, metrics: { ...update.metrics, ['said/' + params.short]: 1 } }))
    if (fail) api.tap('edit', () => { throw new Error('refused: ' + said) })
  },
})
`

let project: ReturnType<typeof tinyProject>
let editor: Awaited<ReturnType<typeof startEditor>>

beforeAll(async () => {
  editor = await startEditor()
  project = tinyProject()
  vi.stubEnv('CANARY', LONG)
  vi.stubEnv('PIN', SHORT)
  vi.stubEnv('SERVER', editor.url.replace('://', `://user:${PASSWORD}@`))
  writeFileSync(join(project.dir, 'telltale.mjs'), TELLTALE)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  project.remove()
  await editor.close()
})

/** Every file below a folder that a command has written. */
function written(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.mjs$|^dda\.config\.yaml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function leaksOf(text: string): readonly string[] {
  return LEAKS.filter((leak) => text.includes(leak))
}

function expectClean(dir: string): void {
  const files = written(dir)
  const leaking = files.flatMap((file) => {
    const found = leaksOf(readFileSync(file, 'latin1'))
    return found.length === 0 ? [] : [{ file, found }]
  })
  expect(leaking).toEqual([])
}

const PLUGIN = '{use: ./telltale.mjs, params: {long: "${env:CANARY}", short: "${env:PIN}"}}'

test('no value of a variable that the configuration names reaches a file of a run, or what is printed', async () => {
  const { dir } = project
  const config = readFileSync(join(dir, 'dda.config.yaml'), 'utf8')
  const swap = 'editor:\n  use: ./tiny.mjs\n'
  expect(config).toContain(swap)
  const remote = `editor:\n  use: ./remote.mjs\n  params: { note: "\${env:CANARY}", pin: "\${env:PIN}" }\n  server: "\${env:SERVER}"\n`
  const named = config.replace('name: tiny\n', "name: 'tiny ${env:PIN}'\n")
  expect(named).not.toBe(config)
  writeFileSync(join(dir, 'dda.config.yaml'), `${named.replace(swap, remote)}plugins:\n  - ${PLUGIN}\n`)
  // The tiny Editor, which now tells what it was given and where it is.
  const tiny = readFileSync(join(dir, 'tiny.mjs'), 'utf8')
  writeFileSync(
    join(dir, 'remote.mjs'),
    tiny
      .replace(
        'bug: Type.Boolean({ default: false }),',
        'bug: Type.Boolean({ default: false }), params: Type.Any(), server: Type.String(),',
      )
      .replace(
        '`tiny-editor swap=${options.swap}`',
        '`tiny-editor ${JSON.stringify(options.params)} ${options.server}`',
      )
      .replace(
        'async edit({ plan, seed }) {',
        'async edit({ plan, seed }, { spent }) {\n        spent?.({ endpoint: options.server })\n',
      ),
  )
  const commands = [
    ['config', 'print'],
    ['config', 'check'],
    ['plugins'],
    ['doctor'],
    ['synthesize'],
    ['data', 'show'],
    ['curate'],
    ['train', '--name', 'run'],
    ['train', '--stage', 'sft', '--steps', '2', '--name', 'warm'],
    ['eval', '--name', 'figures'],
    ['report'],
    ['runs'],
    ['runs', 'show', 'run'],
    ['data', 'export', 'exported.jsonl'],
    ['data', 'export', 'exported.parquet'],
    ['view', '--export', 'shown'],
    ['view', '--export', 'shown.html'],
    ['query', 'SELECT * FROM rollouts'],
    // What goes wrong is told as well.
    ['train', '--name', 'other', '--set', 'train.steps=many'],
    ['train', '--name', 'broken', '--set', `plugins=[${PLUGIN.replace('}}', '}, fail: true}')}]`],
    ['train', '--name', 'run', '--set', 'seed=9'],
  ]
  const ends: number[] = []
  for (const command of commands) {
    const { stderr, ...envelope } = await ddaHere(dir, ...command)
    ends.push(envelope.exitCode)
    expect(leaksOf(JSON.stringify(envelope) + stderr), command.join(' ')).toEqual([])
    expectClean(dir)
  }
  expect(ends).toEqual([...commands.slice(0, -3).map(() => 0), 2, 5, 2])
  const run = JSON.parse(readFileSync(join(dir, 'runs/run/run.json'), 'utf8'))
  expect(run.config.editor.params).toEqual({ note: '${env:CANARY}', pin: '${env:PIN}' })
  expect(run.fingerprints.editor).toMatch(
    /^tiny-editor \{"note":"sha256:[0-9a-f]{16}","pin":"sha256:[0-9a-f]{16}"\} sha256:/,
  )
  // Another value is another Editor.
  vi.stubEnv('PIN', '0th-er1')
  expect(await ddaHere(dir, 'train', '--name', 'run')).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_RUN_CONFIG_CHANGED', message: expect.stringContaining('fingerprints.editor') },
  })
})

test('nor by way of services: addresses, parameters, a model, and what a server says of them', async () => {
  const dir = temporaryFolder()
  const judge = await startRatingServer(`model-${LONG}`, () => 'Right.\n**Final Score:** 5')
  onTestFinished(async () => {
    await judge.close()
    rmSync(dir, { recursive: true, force: true })
  })
  await writeRiseData(join(dir, 'rise'))
  vi.stubEnv('EDITOR_URL', `http://127.0.0.1:9/v1-${PASSWORD}`)
  vi.stubEnv('JUDGE_URL', judge.url)
  const config = {
    editor: {
      use: 'openai',
      endpoints: [editor.url],
      params: { note: '${env:CANARY}', pin: 'pin ${env:PIN}' },
      identity: 'config',
    },
    benchmark: [
      {
        use: 'rise',
        judge: { endpoints: ['${env:JUDGE_URL}'], model: 'model-${env:CANARY}', attempts: 1, retryDelaySeconds: 0 },
      },
    ],
  }
  writeFileSync(join(dir, 'dda.config.yaml'), JSON.stringify(config))
  const run = ['benchmark', 'run', 'rise', '--data', 'rise', '--thinker', 'none']
  const nowhere = [
    '--set',
    'editor.endpoints=["${env:EDITOR_URL}"]',
    '--set',
    'editor.attempts=1',
    '--set',
    'editor.giveUpSeconds=1',
    '--set',
    'editor.params.pin=other',
    '--name',
    'nowhere',
  ]
  for (const command of [run, [...run, ...nowhere]]) {
    const { stderr, ...envelope } = await ddaHere(dir, ...command)
    expect(leaksOf(JSON.stringify(envelope) + stderr)).toEqual([])
    expect(envelope.data?.thinkers.none.edited ?? 0, stderr).toBe(command === run ? 9 : 0)
  }
  expectClean(dir)
})

test.skipIf(python === undefined)(`nor by way of a Python worker${withoutPython}`, async () => {
  const project = await tinyTorch(
    'lora: { rank: 2, alpha: 4 }\nmaxPlan: 320\nminiBatch: 4\nkl: { place: off }\nprompt: { system: "${env:CANARY} ${env:PIN}" }',
    'steps: 1, samplesPerStep: 1, groupSize: 2, checkpointEvery: 1, maxStaleness: 0',
  )
  // The files of the model are not those of a run.
  const model = join(temporaryFolder(), `model-${PASSWORD}`)
  onTestFinished(() => {
    project.remove()
    rmSync(dirname(model), { recursive: true, force: true })
  })
  const { dir } = project
  renameSync(join(dir, 'model'), model)
  vi.stubEnv('MODEL', model)
  const file = join(dir, 'dda.config.yaml')
  const config = readFileSync(file, 'utf8')
  expect(config).toContain(join(dir, 'model'))
  writeFileSync(file, config.replace(join(dir, 'model'), '"${env:MODEL}"'))
  const frozen = frozenConfig('./runs/run/checkpoints/step-000001/trainer').replace('seed: 5', 'seed: 6')
  writeFileSync(join(dir, 'frozen.config.yaml'), frozen)
  const commands = [
    ['train', '--stage', 'sft', '--steps', '1', '--batch', '1', '--name', 'warm'],
    ['train', '--name', 'run'],
    ['eval', '--config', 'frozen.config.yaml', '--thinker', 'thinker', '--limit', '1', '--name', 'figures'],
  ]
  for (const command of commands) {
    const { stderr, ...envelope } = await ddaHere(dir, ...command)
    expect(leaksOf(JSON.stringify(envelope) + stderr), command.join(' ')).toEqual([])
    expect(envelope, stderr).toMatchObject({ ok: true, data: { state: 'finished' } })
  }
  expectClean(dir)
  expect(readFileSync(join(dir, 'runs/run/checkpoints/step-000001/trainer/trainer.json'), 'utf8')).toContain(
    '${env:MODEL}',
  )
  vi.stubEnv('MODEL', undefined)
  const unset = await ddaHere(dir, ...(commands.at(-1) ?? []).map((word) => (word === 'figures' ? 'unset' : word)))
  expect(unset).toMatchObject({ ok: false, error: { code: 'DDA_CHECKPOINT_MISMATCH' } })
  expect(unset.error.message).toContain('MODEL')
})
