import type { Sample } from '@dda-thinker/plugin-api'
import { makeContext, synthesizerSuite, testPluginOptions } from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import { SUB_TASKS } from '../rules/sub-tasks.ts'
import { synthesizer } from './index.ts'
import { TabletopSynthesizer } from './synthesizer.ts'

describe.each(['reasoning', 'literal', 'unclear'] as const)('curriculum %s', (curriculum) => {
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
  valid: [{ name: 'no options at all', options: {} }, { options: { curriculum: 'literal', share: 0.5 } }],
  invalid: [
    { options: { curriculum: 'classical' }, code: 'DDA_CONFIG_INVALID', at: 'curriculum' },
    { options: { count: 3 }, code: 'DDA_CONFIG_INVALID', at: 'count' },
  ],
})
