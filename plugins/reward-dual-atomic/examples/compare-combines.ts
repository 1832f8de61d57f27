// Scores four rollouts of one sample with every way of combining the two checklists, and prints where `credit: clause`
// would put each item's share.
// From the repository's root, after `npm run build`: npx jiti plugins/reward-dual-atomic/examples/compare-combines.ts
import type { ChecklistItem, Plan, Verdict } from '@dda-thinker/plugin-api'
import { dualAtomic } from '@dda-thinker/reward-dual-atomic'

const checklist: readonly ChecklistItem[] = [
  {
    id: 'reasoned',
    scope: 'cognitive',
    question: 'Does the plan turn the banana rotten?',
    expected: 'yes',
    critical: true,
  },
  { id: 'burnt', scope: 'cognitive', question: 'Does the plan shorten the candle?', expected: 'yes' },
  { id: 'rotten', scope: 'visual', question: 'Is the banana rotten?', expected: 'yes', weight: 2 },
  { id: 'short', scope: 'visual', question: 'Is the candle burnt down?', expected: 'yes', weight: 2 },
  { id: 'intact', scope: 'visual', question: 'Has the cup moved?', expected: 'no' },
]

const executable = 'turn the banana rotten; make the candle small'
const text = `<look> banana candle cup </look> <plan> ${executable} </plan>`
const plan: Plan = {
  id: 'plan-1',
  sampleId: 'a-month-later',
  text,
  reasoning: 'banana candle cup',
  executable,
  format: { ok: true },
  thinker: 'example',
  policyVersion: 0,
  seed: 1,
}

/** The judges' verdicts where these items failed. */
const without = (...failed: string[]): readonly Verdict[] =>
  checklist.map(({ id, expected }) => ({
    itemId: id,
    answer: failed.includes(id) === (expected === 'yes') ? 'no' : 'yes',
    judge: 'example',
  }))

const rollouts = {
  'all passed': without(),
  'candle forgotten': without('burnt', 'short'),
  'planned, not drawn': without('rotten', 'short'),
  'drawn by luck': without('reasoned', 'burnt'),
}

const combines = ['sum', 'product', 'min', 'gated', 'all-or-nothing'] as const
console.log(['rollout'.padEnd(20), ...combines.map((name) => name.padStart(15))].join(''))
for (const [name, verdicts] of Object.entries(rollouts)) {
  const totals = combines.map((combine) => dualAtomic({ combine }).decompose({ plan, checklist, verdicts }).total)
  console.log([name.padEnd(20), ...totals.map((total) => total.toFixed(3).padStart(15))].join(''))
}

console.log('\ncredit: clause')
const credited = dualAtomic({ credit: 'clause' }).decompose({ plan, checklist, verdicts: without() })
for (const { itemId, contribution, creditAt } of credited.items) {
  const where = creditAt === undefined ? 'at the end' : `after "${text.slice(0, creditAt).split('> ').at(-1)}"`
  console.log(`${itemId.padEnd(10)} ${contribution.toFixed(3)} ${where}`)
}
