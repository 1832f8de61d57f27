import type { Plan, PlanResult, Rollout } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { recordedPlans, recordedThinker } from './recorded-thinker.ts'

function rollout(sampleId: string, format: Plan['format']): Rollout {
  const texts = { text: `paint ${sampleId}`, reasoning: '', executable: `paint ${sampleId}` }
  const plan = { id: `${sampleId}/0`, sampleId, ...texts, format, thinker: 't', policyVersion: 0, seed: 1 }
  return { id: plan.id, sampleId, group: sampleId, member: 0, plan, verdicts: [], outcome: { kind: 'scored' } }
}

test('a plan that was only too long for its own Editor comes again as it was written', async () => {
  const broken = { ok: false, problem: '<plan> is missing' } as const
  const plans = recordedPlans([
    rollout('long', { ok: false, problem: 'the plan is longer than …', by: 'editor' }),
    rollout('broken', broken),
  ])
  const thinker = recordedThinker(plans)
  const requests = ['long', 'broken'].map((id) => ({
    id: `new/${id}`,
    input: { id, images: [], instruction: '' },
    seed: 2,
  }))
  const results: PlanResult[] = []
  for await (const result of thinker.plan(requests, { signal: AbortSignal.timeout(1000) })) results.push(result)
  expect(results).toMatchObject([
    { id: 'new/long', plan: { text: 'paint long', format: { ok: true } } },
    { id: 'new/broken', plan: { format: broken } },
  ])
})
