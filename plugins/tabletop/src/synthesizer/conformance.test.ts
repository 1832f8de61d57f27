import { createHash } from 'node:crypto'
import type { Sample } from '@dda-thinker/plugin-api'
import { makeContext, synthesizerSuite, testPluginOptions } from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import { SUB_TASKS } from '../rules/sub-tasks.ts'
import { synthesizer } from './index.ts'
import { CURRICULA, TabletopSynthesizer } from './synthesizer.ts'

describe.each(CURRICULA)('curriculum %s', (curriculum) => {
  synthesizerSuite({ test, factory: () => new TabletopSynthesizer(curriculum) })
})

async function collect(train: number, heldOut: number): Promise<Sample[]> {
  const samples: Sample[] = []
  const request = { seed: 4, count: { train, 'held-out': heldOut } }
  for await (const sample of new TabletopSynthesizer('reasoning').synthesize(request, makeContext())) {
    samples.push(sample)
  }
  return samples
}

test('sub-tasks take turns in each split, and a longer request begins like a shorter one', async () => {
  const samples = await collect(2 * SUB_TASKS.length, SUB_TASKS.length)
  for (const { id } of SUB_TASKS) {
    expect(samples.filter((s) => s.subtask === id && s.split === 'train')).toHaveLength(2)
    expect(samples.filter((s) => s.subtask === id && s.split === 'held-out')).toHaveLength(1)
  }
  const shorter = await collect(5, 3)
  expect(shorter.slice(0, 5)).toEqual(samples.slice(0, 5))
  expect(shorter.slice(5)).toEqual(samples.slice(2 * SUB_TASKS.length, 2 * SUB_TASKS.length + 3))
})

/** Samples of the first release: what was made or trained with them must stay what it was. */
const FIRST_RELEASE = {
  reasoning: 'd3f0a1c17e9a03c0',
  literal: '62d8e76d17b268ee',
  unclear: '1ef66f3c3542c2ce',
} as const

test.each(Object.entries(FIRST_RELEASE))(
  'the samples of %s are, byte for byte, those of the first release',
  async (name, digest) => {
    const hash = createHash('sha256')
    const request = { seed: 1, count: { train: 40, 'held-out': 20 } }
    for await (const sample of new TabletopSynthesizer(name as keyof typeof FIRST_RELEASE).synthesize(
      request,
      makeContext(),
    )) {
      hash.update(JSON.stringify(sample))
    }
    expect(hash.digest('hex').slice(0, 16)).toBe(digest)
  },
)

test('the instruction of a sample is one of its sub-task and split, and its facts say which', async () => {
  for (const sample of await collect(20, 20)) {
    const subTask = SUB_TASKS.find((task) => task.id === sample.subtask)
    const sentences = sample.split === 'train' ? subTask?.wording.train : subTask?.wording.heldOut
    const [rule, split, index] = String(sample.provenance.facts?.['wording']).split('/')
    expect([rule, split]).toEqual([sample.subtask, sample.split])
    const parts = (sentences?.[Number(index)] ?? 'no such sentence').split(/\{\w+\}/)
    expect(
      parts.every((part) => sample.instruction.includes(part)),
      sample.instruction,
    ).toBe(true)
    expect(sample.instruction).not.toMatch(/[{}]/)
    expect(sample.demonstration).toBeUndefined()
  }
})

testPluginOptions(test, synthesizer, {
  valid: [
    { name: 'no options at all', options: {} },
    { options: { curriculum: 'literal', share: 0.5 } },
    { options: { curriculum: 'composed' } },
  ],
  invalid: [
    { options: { curriculum: 'classical' }, code: 'DDA_CONFIG_INVALID', at: 'curriculum' },
    { options: { count: 3 }, code: 'DDA_CONFIG_INVALID', at: 'count' },
  ],
})
