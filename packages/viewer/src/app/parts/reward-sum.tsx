import type { RolloutDetail } from '../../wire/view-data.ts'
import { figure, signed } from './words.ts'

/** How the reward adds up, stream by stream, and what it was compared with. */
export function RewardSum({ detail }: { readonly detail: RolloutDetail }) {
  const { rollout, shares, advantage } = detail
  const { reward } = rollout
  if (reward === undefined)
    return (
      <p class="none">
        {rollout.outcome.kind === 'masked'
          ? 'No reward: the rollout is masked and counts in no mean.'
          : 'Not scored: nothing here rewards it. A benchmark judges by rules of its own; its figures are in `dda report`.'}
      </p>
    )
  const streams = new Map<string, number[]>()
  for (const { stream, share } of shares) streams.set(stream, [...(streams.get(stream) ?? []), share])
  return (
    <div class="reward">
      <dl class="sum">
        {[...streams].map(([stream, parts]) => (
          <div key={stream}>
            <dt>{stream}</dt>
            <dd>
              <span class="parts">{parts.map(signed).join(' ')}</span>
              <b>{figure(parts.reduce((sum, part) => sum + part, 0))}</b>
            </dd>
          </div>
        ))}
        <div class="total">
          <dt>Reward</dt>
          <dd>
            <b>{figure(reward.total)}</b>
          </dd>
        </div>
      </dl>
      <p class="components">
        {Object.entries(reward.components).map(([name, value]) => (
          <span key={name}>
            {name} {figure(value)}
          </span>
        ))}
      </p>
      {advantage !== undefined && (
        <p class="advantage">
          Advantage <b>{signed(advantage.combined)}</b> ({advantage.estimator}
          {advantage.withoutCritic ? ', against its group in place of the critic, whose values no record holds' : ''})
          {advantage.mode !== 'sum' &&
            `: ${advantage.streams.map(({ name, own, advantage: value }) => `${name} ${own === null ? 'not asked' : signed(value)}`).join(', ')}`}
        </p>
      )}
    </div>
  )
}
