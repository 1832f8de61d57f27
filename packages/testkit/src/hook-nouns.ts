import type { HookName, Hooks } from '@dda-thinker/plugin-api'
import {
  makeItem,
  makeMaskedRollout,
  makePlan,
  makeRollout,
  makeSample,
  makeVerdicts,
  MISSING_IMAGE,
} from './fakes/index.ts'

const sample = makeSample()
const plan = makePlan('It rots. Plan: turn the banana brown')
const edit = { image: MISSING_IMAGE, seed: 1, editor: 'testkit' }
const verdicts = makeVerdicts(sample.checklist)
const { plan: _unplanned, ...planless } = makeMaskedRollout(plan, 'timeout', { id: 'planless' })

/** What stages make, usual and unusual, by what is unusual about it. */
export const HOOK_NOUNS: { readonly [K in HookName]: Readonly<Record<string, Hooks[K]['noun']>> } = {
  synthesize: {
    'a sample': sample,
    'one that is held out': makeSample({ id: 'sample-2', split: 'held-out', subtask: 'decay' }),
    'one without a checklist': makeSample({ id: 'sample-3', checklist: [], reference: '' }),
    'one to imitate': makeSample({ id: 'sample-4', demonstration: 'Plan: turn the banana brown' }),
  },
  curate: {
    kept: { sample, kept: true, reason: 'good' },
    'kept and measured': {
      sample: { ...sample, difficulty: { rollouts: 4, mean: 0.5, std: 0.1, solved: 0.25 } },
      kept: true,
      reason: 'measured',
      findings: [{ itemId: 'plan', finding: 'always-passed' }],
    },
    dropped: { sample, kept: false, reason: 'bad' },
  },
  plan: {
    'a plan': plan,
    'one that fails its format': { ...plan, id: 'plan-2', format: { ok: false, problem: 'no tags' } },
    'one that says nothing': makePlan('', { id: 'plan-3' }),
    'one with tokens': {
      ...plan,
      id: 'plan-4',
      tokens: { ids: [1, 2], logProbs: [-0.1, -0.2], temperature: 1, ends: [8, plan.text.length] },
    },
  },
  edit: {
    'an edit': edit,
    'one with a price and notes': { ...edit, cost: { money: 0.5 }, notes: ['there is no banana'] },
  },
  judge: {
    'a scored rollout': makeRollout(plan, 1, { edit, verdicts }),
    'one that failed an item': makeRollout(plan, 0.5, {
      id: 'failed',
      edit,
      verdicts: makeVerdicts(sample.checklist, { failed: ['picture'] }),
    }),
    'a gated one': makeRollout(plan, 0, {
      id: 'gated',
      verdicts: makeVerdicts(sample.checklist, { scopes: ['cognitive'] }),
      outcome: { kind: 'gated', reason: 'the plan has nothing to edit' },
    }),
    'one that was asked its plan alone': makeRollout(plan, 0.5, {
      id: 'half',
      asked: ['cognitive'],
      verdicts: makeVerdicts(sample.checklist, { scopes: ['cognitive'] }),
    }),
    'a masked one': makeMaskedRollout(plan, 'server', { id: 'masked' }),
    'one that was never planned': planless,
    'one of another sample': makeRollout(makePlan('Plan: x', { id: 'plan-5', sampleId: 'sample-2' }), 0, {
      id: 'other',
      edit: { ...edit, image: { ...MISSING_IMAGE, hash: 'e'.repeat(64) } },
      verdicts: [{ itemId: makeItem('plan', 'cognitive').id, answer: 'unsure', judge: 'testkit' }],
    }),
  },
  update: {
    'a report': { step: 1, policyVersion: 1, metrics: { 'policy/loss': 0.1, 'kl/reference': 0 } },
    'one of no numbers': { step: 2, policyVersion: 2, metrics: {} },
  },
}
