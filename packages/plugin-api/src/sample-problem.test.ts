import { expect, test } from 'vitest'
import { type Sample, sampleProblem } from './index.ts'

const image = { hash: 'a'.repeat(64), mediaType: 'image/png', width: 8, height: 8 } as const
const sound: Sample = {
  id: 'one',
  images: [image],
  instruction: 'Make it look as after the rain.',
  category: 'temporal',
  subtask: 'weather',
  reference: 'A wet street.',
  referenceImage: image,
  checklist: [
    {
      id: 'wet',
      scope: 'visual',
      question: 'Is it wet?',
      expected: 'yes',
      weight: 2,
      critical: true,
      aspect: 'change',
    },
    { id: 'same', scope: 'visual', question: 'Is it red?', expected: 'no', check: { kind: 'colour', at: [0, 1] } },
  ],
  split: 'train',
  demonstration: 'wet the street',
  provenance: { plugin: 'test', seed: 1, parents: ['zero'], facts: { rule: 'rain', n: 1, dry: false } },
  difficulty: { rollouts: 8, mean: 0.5, std: 0.1, solved: 0.25 },
}

const OTHER_TYPES: readonly unknown[] = [null, 7, true, '', [], {}, { markup: '<b>' }, ['x'], [null], [{}], -1]

/** Every path to a value inside. */
function* paths(value: unknown, at: readonly string[] = []): Generator<readonly string[]> {
  if (at.length > 0) yield at
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* paths(inner, [...at, key])
  }
}

function replaced(at: readonly string[], by: unknown): unknown {
  const copy = structuredClone(sound) as unknown as Record<string, unknown>
  const last = at.at(-1) ?? ''
  const parent = at.slice(0, -1).reduce((now, key) => now[key] as Record<string, unknown>, copy)
  parent[last] = by
  return copy
}

test('a sound sample has no problem, nor one without what it may lack', () => {
  expect(sampleProblem(sound)).toBeUndefined()
  const { subtask: _s, referenceImage: _r, demonstration: _d, difficulty: _m, ...least } = sound
  expect(sampleProblem({ ...least, checklist: [] })).toBeUndefined()
})

test('a value of another kind in any field that the contract names is a problem in words', () => {
  const accepted: string[] = []
  for (const at of paths(sound)) {
    const was = at.reduce<unknown>((now, key) => (now as Record<string, unknown>)[key], sound)
    for (const value of OTHER_TYPES.filter((other) => kindOf(other) !== kindOf(was))) {
      if (sampleProblem(replaced(at, value)) === undefined) accepted.push(`${at.join('.')} = ${JSON.stringify(value)}`)
    }
  }
  // Fields of a measurement are its judge's matter, and a fact is any scalar.
  expect(accepted.filter((path) => !/\.check\.at|\.facts\./.test(path))).toEqual([])
  for (const value of OTHER_TYPES) expect(sampleProblem(value)).toEqual(expect.any(String))
})

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value
}

test('weights that have no finite sum are told: every share of it would be 0', () => {
  const item = (id: string) => ({ id, scope: 'visual', question: 'Is it?', expected: 'yes', weight: 1e308 })
  expect(sampleProblem({ ...sound, checklist: [item('a')] })).toBeUndefined()
  expect(sampleProblem({ ...sound, checklist: [item('a'), item('b')] })).toMatch(/no finite sum/)
})
