import type { Rollout } from '../../wire/view-data.ts'
import { executableOf } from './words.ts'

/** What the Thinker wrote: the part that the Editor is told, and the reasoning folded. */
export function PlanText({ plan }: { readonly plan: Rollout['plan'] }) {
  if (plan === undefined) return <p class="none">No plan.</p>
  const reasoning = plan.reasoning.trim()
  return (
    <div class="plan">
      <p class="executable">{executableOf(plan)}</p>
      {!plan.format.ok && <p class="mark bad">Format: {plan.format.problem}</p>}
      {reasoning !== '' && (
        <details>
          <summary>Reasoning</summary>
          <p class="reasoning">{reasoning}</p>
        </details>
      )}
    </div>
  )
}
