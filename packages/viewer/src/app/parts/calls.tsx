import type { RolloutDetail, Sample } from '../../wire/view-data.ts'
import { figure } from './words.ts'

interface CallsProps {
  readonly run: string
  readonly detail: RolloutDetail
  readonly sample: Sample | undefined
}

/** What was asked of whom, as the record has it, and what it cost where that is known. */
export function Calls({ run, detail, sample }: CallsProps) {
  const { rollout, tokens, thinker } = detail
  const { plan, edit, verdicts, outcome } = rollout
  const judges = new Map<string, string[]>()
  for (const { judge, itemId } of verdicts) judges.set(judge, [...(judges.get(judge) ?? []), itemId])
  return (
    <details class="calls">
      <summary>Calls and cost</summary>
      <dl>
        {plan !== undefined && (
          <div>
            <dt>Plan</dt>
            <dd>
              <code>{plan.thinker}</code>, {plan.policyVersion} updates, seed {plan.seed}
              {tokens === undefined ? '' : `, ${tokens} tokens`}
              <pre>{sample?.instruction}</pre>
              <details>
                <summary>All that it wrote</summary>
                <pre>{plan.text}</pre>
              </details>
            </dd>
          </div>
        )}
        {edit !== undefined && (
          <div>
            <dt>Edit</dt>
            <dd>
              <code>{edit.editor}</code>, seed {edit.seed}, {edit.image.width} × {edit.image.height} pixels,{' '}
              {edit.cost?.money === undefined ? 'cost unknown' : `cost ${figure(edit.cost.money)}`}
              {edit.notes?.map((note) => (
                <p key={note}>{note}</p>
              ))}
              <pre>{plan?.executable}</pre>
            </dd>
          </div>
        )}
        {[...judges].map(([judge, items]) => (
          <div key={judge}>
            <dt>Judge</dt>
            <dd>
              <code>{judge}</code> was asked {items.length} items
              <pre>
                {items.map((id) => sample?.checklist.find((item) => item.id === id)?.question ?? id).join('\n')}
              </pre>
            </dd>
          </div>
        ))}
        {outcome.kind === 'masked' && (
          <div>
            <dt>Failure</dt>
            <dd>
              {outcome.failure.code} ({outcome.failure.kind}, {outcome.failure.stage}): {outcome.failure.message}{' '}
              {outcome.failure.next}
            </dd>
          </div>
        )}
        {outcome.kind === 'gated' && (
          <div>
            <dt>Gate</dt>
            <dd>{outcome.reason}</dd>
          </div>
        )}
      </dl>
      <p>The same in the terminal:</p>
      <pre>
        {`dda reward explain ${rollout.id} --run ${run}${thinker === undefined ? '' : ` --thinker ${thinker}`}`}
      </pre>
    </details>
  )
}
