// Scores three pictures of one sample under every rule: one that is right, one of an Editor that did nothing, and one where the change is
// there and the rest is ruined.
// From the repository's root, after `npm run build`: npx jiti plugins/reward-literature/examples/compare-rules.ts
import type { ChecklistItem, Plan, Verdict } from '@dda-thinker/plugin-api'
import { literatureReward, RULE_NAMES } from '@dda-thinker/reward-literature'

const checklist: readonly ChecklistItem[] = [
  { id: 'reasoned', scope: 'cognitive', question: 'Does the plan turn the banana rotten?', expected: 'yes' },
  { id: 'rotten', scope: 'visual', question: 'Is the banana rotten?', expected: 'yes' },
  { id: 'short', scope: 'visual', question: 'Is the candle burnt down?', expected: 'yes' },
  { id: 'cup', scope: 'visual', question: 'Has the cup moved?', expected: 'no', aspect: 'preservation' },
  { id: 'quality:sharp', scope: 'visual', question: 'Is the picture sharp?', expected: 'yes', aspect: 'preservation' },
]

const text = '<plan> turn the banana rotten; make the candle small </plan>'
const plan: Plan = {
  id: 'plan-1',
  sampleId: 'a-month-later',
  text,
  reasoning: '',
  executable: 'turn the banana rotten; make the candle small',
  format: { ok: true },
  thinker: 'example',
  policyVersion: 0,
  seed: 1,
}

const PICTURES: Readonly<Record<string, readonly string[]>> = {
  right: [],
  'nothing done': ['rotten', 'short'],
  ruined: ['cup', 'quality:sharp'],
}

for (const [picture, failed] of Object.entries(PICTURES)) {
  const verdicts = checklist.map(({ id, expected }): Verdict => {
    const answer = failed.includes(id) ? (expected === 'yes' ? 'no' : 'yes') : expected
    return { itemId: id, answer, judge: 'example' }
  })
  const totals = RULE_NAMES.map((rule) => {
    return `${rule} ${literatureReward(rule).decompose({ plan, checklist, verdicts }).total.toFixed(3)}`
  })
  process.stdout.write(`${picture.padEnd(13)} ${totals.join('   ')}\n`)
}
