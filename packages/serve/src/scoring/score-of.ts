import { failedInPassing, type RewardStream, type Rollout, streamOf } from '@dda-thinker/plugin-api'
import { outward } from '@dda-thinker/http-service'
import type { Score } from '../wire/score-schema.ts'
import { askedStreams } from './read-request.ts'

/** What a score says of its rollout, whoever asked for it. */
export type ScoreBody = Omit<Score, 'id' | 'cache' | 'timings'>

/** A rollout as callers are told it. A masked one has no number in it. */
export function scoreOf(rollout: Rollout, streams: readonly RewardStream[]): ScoreBody {
  const { sampleId, outcome, plan, edit, reward } = rollout
  const said = {
    status: outcome.kind,
    format: plan === undefined ? { ok: false } : plan.format,
    ...(edit === undefined ? {} : { edit: { hash: edit.image.hash, seed: edit.seed } }),
  }
  if (outcome.kind === 'masked' || reward === undefined) {
    return { sampleId, ...said, reward: null, components: {}, streams: {}, items: [], ...failureOf(rollout) }
  }
  const verdicts = new Map(rollout.verdicts.map((verdict) => [verdict.itemId, verdict]))
  return {
    sampleId,
    ...said,
    reward: reward.total,
    components: { ...reward.components },
    streams: sharesOf(rollout, streams),
    items: reward.items.map((item) => {
      const verdict = verdicts.get(item.itemId)
      return {
        id: item.itemId,
        scope: item.scope,
        stream: streamOf(item),
        passed: item.passed,
        contribution: item.contribution,
        ...(verdict === undefined ? {} : { answer: verdict.answer }),
        ...(verdict?.probability === undefined ? {} : { probability: verdict.probability }),
      }
    }),
    ...(outcome.kind === 'gated' ? { gate: outcome.reason } : {}),
  }
}

function failureOf({ outcome }: Rollout): Pick<Score, 'failure'> {
  if (outcome.kind !== 'masked') return {}
  const { kind, stage, code, message, next, plugin } = outcome.failure
  return {
    failure: {
      kind,
      stage,
      code,
      message: outward(message),
      ...(next === undefined ? {} : { next: outward(next) }),
      ...(plugin === undefined ? {} : { plugin }),
      transient: failedInPassing(outcome),
    },
  }
}

/** The reward by stream: every stream that was asked for, also where nothing came of it. */
function sharesOf({ reward, asked }: Rollout, streams: readonly RewardStream[]): Record<string, number> {
  const shares = new Map(askedStreams(asked, streams).map((name) => [name, 0]))
  const add = (name: string, share: number) => shares.set(name, (shares.get(name) ?? 0) + share)
  for (const item of reward?.items ?? []) add(streamOf(item), item.contribution)
  for (const [name, share] of Object.entries(reward?.extras ?? {})) add(name, share)
  return Object.fromEntries(shares)
}
