import { keepSecret, type Rollout } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { repeatedLine, rolloutLine } from './journal.ts'

const plan = {
  id: 'serve/0/0',
  sampleId: 's',
  text: 'a "quoted" plan \u2028 of $& things',
  reasoning: '',
  executable: 'x',
  format: { ok: true },
  thinker: 'served',
  policyVersion: 3,
  seed: 1,
  tokens: { ids: [1, 2, 3], logProbs: [0, 0, 0] },
} as const
const scored = {
  id: 'serve/0/0',
  sampleId: 's',
  group: 's',
  member: 0,
  plan,
  verdicts: [{ itemId: 'a', answer: 'yes', judge: 'judge of sk-0123456789abcdef' }],
  reward: { total: 1, components: {}, items: [] },
  outcome: { kind: 'scored' },
} as unknown as Rollout
const { plan: _, reward: __, ...masked } = { ...scored, asked: ['cognitive'] }

test('the line of a repeated rollout is the one that it would have without the first, whatever it is called', () => {
  keepSecret('JUDGE_KEY', 'sk-0123456789abcdef')
  for (const first of [scored, masked as Rollout]) {
    for (const [step, id, group, member] of [
      [0, 'serve/0/1', 's', 0],
      [7, 'serve/"2"/\n', 'group $1 of \\ \u0000', 12],
    ] as const) {
      const again = {
        ...first,
        id,
        group,
        member,
        ...(first.plan === undefined ? {} : { plan: { ...first.plan, id } }),
      }
      expect(repeatedLine(step, first, again, 'served')).toBe(rolloutLine(step, again, 'served'))
    }
  }
  expect(repeatedLine(0, scored, scored, 'served')).not.toContain('sk-0123456789abcdef')
})
