import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { EXIT_CODES } from '../../packages/cli/src/index.ts'
import { COMMANDS } from '../../packages/cli/src/commands/index.ts'
import { dda, ensureBuilt, envelope, root, tinyProject } from '../support/dda.ts'
import { ddaHere, ddaSaid } from '../support/in-process.ts'

// Most tests start processes; a busy machine takes its time.
vi.setConfig({ testTimeout: 600_000 })

const project = tinyProject()
const config = join(project.dir, 'dda.config.yaml')
const original = readFileSync(config, 'utf8')

beforeAll(() => ensureBuilt())
afterAll(project.remove)

async function withConfig(change: (text: string) => string, args: readonly string[]) {
  writeFileSync(config, change(original))
  try {
    return await dda(project.dir, args)
  } finally {
    writeFileSync(config, original)
  }
}

test('help lists every command and every exit status, on standard output', async () => {
  const { code, stdout, stderr } = await dda(root, ['--help'])
  expect(code).toBe(0)
  expect(stderr).toBe('')
  for (const { name } of COMMANDS) expect(stdout).toContain(`  ${name.split(' ')[0]}`)
  for (const { code } of EXIT_CODES) expect(stdout).toMatch(new RegExp(`^ +${code}  `, 'm'))
})

test('every command documents itself with examples that it would understand', () => {
  for (const { name, examples, options = [] } of COMMANDS) {
    expect(examples.length, name).toBeGreaterThan(0)
    const known = [
      ...options.flatMap(({ flags }) => flags.match(/--[\w-]+/g) ?? []),
      '--set',
      '--json',
      '--cwd',
      '--config',
    ]
    for (const [command] of examples) {
      expect(command).toMatch(new RegExp(`^dda ${name}\\b`))
      for (const used of command.match(/--[\w-]+/g) ?? []) expect(known, command).toContain(used)
    }
  }
})

test('the help of one command shows its options and examples', async () => {
  const { code, stdout } = await dda(root, ['eval', '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('--min-solved')
  expect(stdout).toContain('Examples:\n  $ dda eval')
})

test('a usage error is told on one stream, by the exit status too', async () => {
  const plain = await dda(project.dir, ['trian'])
  expect(plain).toMatchObject({ code: 2, stdout: '' })
  expect(plain.stderr).toContain("unknown command 'trian'")
  const json = await dda(project.dir, ['trian', '--json'])
  expect(json).toMatchObject({ code: 2, stderr: '' })
  expect(envelope(json)).toMatchObject({ dda: 1, ok: false, exitCode: 2, error: { code: 'DDA_USAGE' } })
})

test.each([
  [['trian'], /unknown command 'trian'[\s\S]*train/],
  [['train', '--stepz', '3'], /unknown option '--stepz'[\s\S]*--steps/],
  [['train', '--steps', 'many'], /Expected an integer/],
  [['train', '--stage', 'warm'], /rl, sft/],
  [['runs', 'show'], /missing required argument 'id'/],
])('%j is a usage error', async (args, message) => {
  const plain = await ddaSaid(project.dir, ...args)
  expect(plain).toMatchObject({ code: 2, stdout: '' })
  expect(plain.stderr).toMatch(message)
  const json = await ddaHere(project.dir, ...args)
  expect(json).toMatchObject({ dda: 1, ok: false, exitCode: 2, error: { code: 'DDA_USAGE' }, stderr: '' })
})

test('a misspelt key is reported with its place, the nearest name and a next step', async () => {
  const ran = await withConfig((text) => text.replace('samplesPerStep', 'samplePerStep'), ['config', 'check'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toMatch(/DDA_CONFIG_INVALID/)
  expect(ran.stderr).toMatch(/dda\.config\.yaml:16:3 .*train\.samplePerStep.*did you mean `samplesPerStep`/)
  expect(ran.stderr).toMatch(/next: +\S/)
  expect(ran.stderr).not.toMatch(/\n +at /)
})

test('an unknown plugin is reported with all that was tried', async () => {
  const ran = await withConfig((text) => text.replace('use: dual-atomic', 'use: dual-atomik'), ['train', '--json'])
  const { error, exitCode } = envelope(ran)
  expect(exitCode).toBe(2)
  expect(ran.code).toBe(2)
  expect(error.problems).toHaveLength(1)
  expect(error.problems[0]).toMatchObject({ code: 'DDA_PLUGIN_NOT_FOUND', path: 'reward.use' })
  expect(error.problems[0].location).toMatch(/dda\.config\.yaml:9:\d+/)
  expect(error.message).toContain('@dda-thinker/reward-dual-atomik')
})

test('a plugin that throws is named, with its message and without a stack; --debug adds the stack', async () => {
  const args = ['config', 'check', '--set', 'editor.bug=true']
  const plain = await ddaSaid(project.dir, ...args)
  expect(plain).toMatchObject({ code: 3, stdout: '' })
  expect(plain.stderr).toMatch(/DDA_PLUGIN_FAILED .*the bug in setup/)
  expect(plain.stderr).toMatch(/plugin: +tiny-editor/)
  expect(plain.stderr).not.toContain('tiny.mjs:')
  const debug = await ddaSaid(project.dir, ...args, '--debug')
  expect(debug.code).toBe(3)
  expect(debug.stderr).toContain('tiny.mjs:')
})

test('a hook that throws is named with its plugin and its sample', async () => {
  const { error, exitCode } = await ddaHere(project.dir, 'synthesize', '--set', 'plugins=[{use: ./tiny.mjs}]')
  expect(exitCode).toBe(3)
  expect(error).toMatchObject({
    code: 'DDA_PLUGIN_FAILED',
    plugin: 'tiny-broken-hook',
    hook: 'synthesize',
    sampleId: 'train-1',
  })
  expect(error.message).toContain('the bug in the hook')
})

test('no configuration is a usage error that names the way out', async () => {
  const empty = realpathSync(mkdtempSync(join(tmpdir(), 'dda-empty-')))
  const { error, exitCode } = await ddaHere(empty, 'train')
  expect(exitCode).toBe(2)
  expect(error).toMatchObject({ code: 'DDA_CONFIG_MISSING', next: expect.stringContaining('dda init') })
})

test('config print shows values with their origins; overrides win', async () => {
  const ran = await dda(project.dir, ['config', 'print', '--set', 'train.steps=7'])
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toMatch(/^train\.steps: 7 +# --set train\.steps=7$/m)
  expect(ran.stdout).toMatch(/^editor\.use: "\.\/tiny\.mjs" +# dda\.config\.yaml:5:8$/m)
  expect(ran.stdout).toMatch(/^train\.temperature: 1 +# default of DDA-Thinker$/m)
})

test('config schema is a JSON Schema that knows the options of the plugins', async () => {
  const ran = await dda(project.dir, ['config', 'schema'])
  const schema = JSON.parse(ran.stdout)
  expect(schema.$schema).toContain('json-schema.org')
  expect(JSON.stringify(schema.properties.editor)).toContain('"swap"')
})

test('plugins lists what is loaded and the order of the taps', async () => {
  const ran = await dda(project.dir, ['plugins', '--json', '--set', 'plugins=[{use: ./tiny.mjs}]'])
  const { data } = envelope(ran)
  expect(data.plugins.map(({ name }: { name: string }) => name)).toContain('reward-dual-atomic')
  expect(data.hooks.synthesize).toEqual(['tiny-broken-hook'])
  expect(data.hooks.update).toEqual([])
})

test.each([{}, { CI: 'true' }])('nothing is coloured off a terminal, with %j', async (env) => {
  const ran = await dda(project.dir, ['train', '--set', 'editor.bug=true'], { env })
  // eslint-disable-next-line no-control-regex
  expect(ran.stderr).not.toMatch(/\u001B/)
})
