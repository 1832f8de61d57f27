import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { copyOf, type Folder } from '../support/tiny-tabletop.ts'

// Many commands on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

/* What a plugin in plain JavaScript may give where the contract wants something else. Whatever it is, it masks its rollout or ends the
   command by a code that names the plugin, and the record can be read afterwards. */

const prepared = tinyProject()
let project: Folder

beforeAll(async () => expect(await ddaHere(prepared.dir, 'synthesize')).toMatchObject({ ok: true }))
beforeEach(() => {
  project = copyOf(prepared)
})
afterEach(() => project.remove())
afterAll(() => prepared.remove())

const inDir = (name: string) => join(project.dir, name)

function plugin(name: string, setup: string): void {
  const options = 'options: api.Type.Object({}, { additionalProperties: false })'
  const text = `import * as api from '@dda-thinker/plugin-api'
export default api.definePlugin({ name: 'odd', apiVersion: api.API_VERSION, ${options}, setup(to) { ${setup} } })\n`
  writeFileSync(inDir(name), text)
}

function use(key: string, file: string): void {
  const path = inDir('dda.config.yaml')
  const text = readFileSync(path, 'utf8')
  const named = new RegExp(`(^${key}:\\n(?:  - |  )use: ).*`, 'm')
  if (named.test(text)) writeFileSync(path, text.replace(named, `$1${file}`))
  else appendFileSync(path, `${key}:\n  - use: ${file}\n`)
}

/** The evaluation is done, everything in it masked for a reason that holds these words, and both readers of the record can read it. */
async function expectMasked(words: RegExp, thinker = 'base'): Promise<void> {
  const ran = await ddaHere(project.dir, 'eval', '--thinker', thinker, '--name', 'figures')
  expect(ran, ran.stderr).toMatchObject({ exitCode: 5, data: { state: 'finished' } })
  const shown = await ddaHere(project.dir, 'runs', 'show', 'figures')
  expect(JSON.stringify(shown.data.causes)).toMatch(words)
  expect(await ddaHere(project.dir, 'report', 'figures')).toMatchObject({ ok: true })
}

const VERDICT = (field: string) =>
  `to.contribute(api.JUDGES, () => ({ fingerprint: 'odd', scopes: ['cognitive', 'visual'], concurrency: 2,
    judge: async ({ items }) => items.map(({ id: itemId }) => ({ itemId, answer: 'yes', judge: 'odd', ...${field} })) }))`

test.each([
  ['{ probability: NaN }', /has the probability NaN/],
  ['{ probability: 7 }', /has the probability 7/],
  ['{ reason: 5 }', /has the reason 5/],
  ["{ reason: { markup: '<h1>' } }", /has the reason/],
  ['{ judge: 5 }', /answered by 5/],
  ['{ answer: 1n }', /has the answer 1/],
])('a verdict with %s', async (field, words) => {
  plugin('odd.mjs', VERDICT(field))
  use('judge', './odd.mjs')
  await expectMasked(words)
})

const EDIT = (field: string) =>
  `to.provide(api.EDITOR, () => ({ fingerprint: 'odd', supports: { determinism: 'bitwise', concurrency: 2, maxImages: 1 }, ${field} }))`

test.each([
  ['edit: async () => ({ bytes: new Uint8Array(9), cost: { money: NaN } })', /`money` is NaN/],
  ['edit: async () => ({ bytes: new Uint8Array(9), cost: { money: -1 } })', /`money` is -1/],
  ['edit: async () => ({ bytes: new Uint8Array(9), cost: 5 })', /value is 5/],
  ["edit: async () => ({ bytes: new Uint8Array(9), notes: 'x' })", /notes that are no list of texts/],
])('an edit: %s', async (field, words) => {
  plugin('odd.mjs', EDIT(field))
  use('editor', './odd.mjs')
  await expectMasked(words)
})

test('a cost that is no number leaves the budget as it is', async () => {
  const pays = `{ bytes: new Uint8Array(9), cost: { money: calls++ === 0 ? NaN : 1 } }`
  plugin('odd.mjs', `let calls = 0; ${EDIT(`edit: async () => (${pays})`)}`)
  use('editor', './odd.mjs')
  const set = ['--set', 'budget.money=3', '--set', 'engine.concurrency.edit=1']
  expect(await ddaHere(project.dir, 'train', '--name', 'paid', ...set)).toMatchObject({ exitCode: 4 })
})

const PLAN = (field: string) =>
  `to.provide(api.THINKER, () => ({ fingerprint: 'odd', async *plan(requests) { for (const { id, input, seed } of requests) yield {
    id, plan: ((plan) => (${field}))({ id, sampleId: input.id, text: 'red', reasoning: '', executable: 'red', format: { ok: true },
    thinker: 'odd', policyVersion: 0, seed }) } } }))`

test.each([
  ['null', /it is null/],
  ['{ ...plan, text: 5 }', /`text` is no text but 5/],
  ['{ ...plan, reasoning: undefined }', /`reasoning` is no text/],
  ['{ ...plan, policyVersion: NaN }', /`policyVersion` is no number but NaN/],
  ['{ ...plan, format: null }', /`format` is null/],
  ['{ ...plan, tokens: { ids: [1], logProbs: [NaN], ends: [3] } }', /`tokens.logProbs` has NaN at 0/],
  ['{ ...plan, tokens: 5 }', /`tokens` are 5/],
])('a plan: %s', async (field, words) => {
  plugin('odd.mjs', PLAN(field))
  const path = inDir('dda.config.yaml')
  writeFileSync(path, `${readFileSync(path, 'utf8').replace(/^trainer:\n.*\n/m, '')}thinker:\n  use: ./odd.mjs\n`)
  await expectMasked(words, 'thinker')
})

test.each([
  [
    'judge',
    '{ ...noun, verdicts: noun.verdicts.map((verdict) => ({ ...verdict, probability: NaN })) }',
    /the probability NaN/,
  ],
  ['judge', '{ ...noun, verdicts: 5 }', /verdicts that are no list but 5/],
  ['judge', '{ ...noun, plan: { ...noun.plan, seed: NaN } }', /plan that is unusable: its `seed`/],
])('a tap on %s that makes %s', async (hook, noun, words) => {
  plugin('odd.mjs', `to.tap('${hook}', (noun) => (${noun}))`)
  use('plugins', './odd.mjs')
  await expectMasked(words)
})

test.each([
  ['{ step, policyVersion, metrics: null }', /`metrics` are null/],
  ['{ step, metrics: {} }', /`policyVersion` is undefined/],
  ['undefined', /it returned undefined/],
])('an update that returns %s', async (report, words) => {
  const tiny = readFileSync(inDir('tiny.mjs'), 'utf8')
  const update = `async update({ step }) { policyVersion += 1; return ${report} },\n    async other({ step, rollouts, inputs }) {`
  writeFileSync(inDir('odd.mjs'), tiny.replace('async update({ step, rollouts, inputs }) {', update))
  use('trainer', './odd.mjs')
  const ran = await ddaHere(project.dir, 'train', '--name', 'run', '--steps', '1')
  expect(ran).toMatchObject({ exitCode: 3, error: { code: 'DDA_PLUGIN_FAILED', plugin: 'tiny-trainer' } })
  expect(ran.error.message).toMatch(words)
})

test.each([
  ['goes through no sample', '', /did not go through all samples/],
  [
    'stops on the way',
    'for await (const sample of samples) { yield { sample, kept: true, reason: "x" }; if (++n === 3) return }',
    /did not go/,
  ],
  [
    'gives no reason',
    'for await (const sample of samples) yield { sample, kept: true, reason: NaN }',
    /the reason NaN/,
  ],
  ['gives a decision of nothing', 'for await (const sample of samples) yield null', /a decision is null/],
])('a curator that %s ends the curation, and the file of before stays', async (_what, body, words) => {
  expect(await ddaHere(project.dir, 'curate')).toMatchObject({ ok: true, data: { kept: 21 } })
  const before = readFileSync(inDir('data/curated.jsonl'), 'utf8')
  plugin('odd.mjs', `let n = 0; to.contribute(api.CURATORS, () => ({ async *curate(samples) { ${body} } }))`)
  use('curator', './odd.mjs')
  const ran = await ddaHere(project.dir, 'curate')
  expect(ran).toMatchObject({ exitCode: 3, error: { code: 'DDA_CURATOR_BAD_OUTPUT', plugin: 'odd' } })
  expect(ran.error.message).toMatch(words)
  expect(readFileSync(inDir('data/curated.jsonl'), 'utf8')).toBe(before)
})

test.each(['constructor', '__proto__', 'toString'])('%s is the name of a category like any other', async (name) => {
  const lines = readFileSync(inDir('data/samples.jsonl'), 'utf8').trimEnd().split('\n')
  const renamed = lines.map((line) => line.replace('"category":"causal"', `"category":"${name}"`)).join('\n')
  const tiny = readFileSync(inDir('tiny.mjs'), 'utf8').replace("red: 'causal'", `red: '${name}'`)
  expect(renamed).toContain(name)
  writeFileSync(inDir('tiny.mjs'), tiny)
  const counted = (record: object) => Object.getOwnPropertyDescriptor(record, name)?.value as unknown
  const made = await ddaHere(project.dir, 'synthesize')
  expect(counted(made.data.byCategory), made.stderr).toBe(7)
  const funnel = await ddaHere(project.dir, 'data', 'funnel')
  expect(counted(funnel.data.byCategory)).toBe(7)
  expect(await ddaHere(project.dir, 'eval', '--thinker', 'base', '--name', 'figures')).toMatchObject({ ok: true })
  const scores = JSON.parse(readFileSync(inDir('runs/figures/scores.json'), 'utf8'))
  expect(counted(scores.base.byCategory)).toMatchObject({ samples: 3 })
  expect(await ddaHere(project.dir, 'report', 'figures')).toMatchObject({ ok: true })
  expect(readFileSync(inDir('report/report.html'), 'utf8')).not.toContain('native code')
})
