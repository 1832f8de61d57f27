import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dda, ensureBuilt, root, temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

vi.setConfig({ testTimeout: 600_000 })

interface Case {
  readonly name: string
  readonly data: readonly object[]
  readonly answers: object
  readonly rows: Readonly<Record<string, readonly [number, number, number | null]>>
  readonly accuracyBefore: Readonly<Record<string, number>>
}

const fixture = join(root, 'plugins/benchmark-rise/src/official-table.fixture.json')
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { readonly cases: readonly Case[] }
const given = cases.find(({ name }) => name === 'flags true') as Case
const folder = temporaryFolder()
const python = spawnSync('python3', ['--version']).status === 0 ? 'python3' : undefined

beforeAll(() => {
  ensureBuilt()
  mkdirSync(join(folder, 'outputs/MODEL'), { recursive: true })
  const entries = given.data.map((entry) => ({ ...entry, instruction: 'Do it.', image: 'a.png' }))
  writeFileSync(join(folder, 'data.json'), JSON.stringify(entries))
  writeFileSync(join(folder, 'outputs/MODEL/judge-answers.json'), JSON.stringify(given.answers))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const score = (...args: readonly string[]) =>
  ddaHere(folder, 'benchmark', 'score', 'rise', '--data', 'data.json', '--results', 'outputs/MODEL', ...args)

test('scores by every version of the rules, without a project', async () => {
  const { data } = await score()
  const [value, percentage, accuracy] = given.rows['Overall'] ?? []
  expect(data.overall.score).toBeCloseTo(value ?? NaN, 9)
  expect(data.overall.percentage).toBeCloseTo(percentage ?? NaN, 9)
  expect(data.overall.accuracy).toBeCloseTo(accuracy ?? NaN, 9)
  expect(Object.keys(data.categories)).toEqual(['Temporal', 'Causal', 'Spatial', 'Logical'])
  expect(data.dimensions).toHaveProperty('Temporal_Quality.score')
  expect(data).toMatchObject({ benchmark: 'rise', n: given.data.length, missing: 0 })
  expect(data.coverage).toBeCloseTo(1 - data.unparsable / data.n, 9)
  const before = await score('--rules', 'before-2026-04')
  expect(before.data.overall.accuracy).toBeCloseTo(given.accuracyBefore['Overall'] ?? NaN, 9)
  const strict = await score('--parser', 'strict', '--score', 'intended')
  expect(strict.data.rules).toEqual({ rules: 'released-2026-04', score: 'intended', parser: 'strict' })
  expect(strict.data.unparsable).toBeGreaterThan(data.unparsable)
})

test.skipIf(python === undefined)(
  `reads the pickle that the official script keeps${python === undefined ? ' (no Python here)' : ''}`,
  async () => {
    const script = 'import json, pickle, sys; pickle.dump(json.load(open(sys.argv[1])), open(sys.argv[2], "wb"))'
    mkdirSync(join(folder, 'outputs/PICKLE'), { recursive: true })
    const paths = [join(folder, 'outputs/MODEL/judge-answers.json'), join(folder, 'outputs/PICKLE/PICKLE.pkl')]
    expect(spawnSync(python ?? '', ['-c', script, ...paths]).status).toBe(0)
    const args = ['benchmark', 'score', 'rise', '--data', 'data.json', '--results', 'outputs/PICKLE']
    expect((await ddaHere(folder, ...args)).data.overall).toEqual((await score()).data.overall)
    const evil =
      'import os, pickle, sys\nclass E:\n  def __reduce__(self): return (os.system, ("touch ran",))\npickle.dump({"a": E()}, open(sys.argv[1], "wb"))'
    mkdirSync(join(folder, 'outputs/EVIL'), { recursive: true })
    expect(spawnSync(python ?? '', ['-c', evil, join(folder, 'outputs/EVIL/EVIL.pkl')]).status).toBe(0)
    const ran = await dda(folder, [...args.slice(0, -1), 'outputs/EVIL'])
    expect(ran.code).not.toBe(0)
    expect(ran.stderr).toContain('DDA_BENCHMARK_RESULTS')
  },
)

test('says what is wrong, and what to do', async () => {
  const args = ['benchmark', 'score', 'rise', '--data', 'data.json', '--results', 'outputs/MODEL']
  const unknown = await dda(folder, [...args, '--mean', 'pooled'])
  expect(unknown.stderr).toMatch(/DDA_CONFIG_INVALID[^]*mean: unknown key/)
  const nothing = await dda(folder, args.slice(0, -2))
  expect(nothing.code).toBe(2)
  expect(nothing.stderr).toContain('DDA_USAGE_OPTION')
  const misspelt = await dda(
    folder,
    args.map((word) => (word === 'rise' ? 'rize' : word)),
  )
  expect(misspelt.stderr).toContain('Did you mean `rise`?')
})
