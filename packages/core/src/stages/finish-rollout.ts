import type { ChecklistItem, JudgedInfo, JudgeShare, Rollout } from '@dda-thinker/plugin-api'
import type { EngineContext, JudgeSeat, RolloutRequest } from '../context/engine-context.ts'
import { interrupted, isFatal, toFailure } from '../context/failure.ts'
import { askSeat, seatFor } from './judge.ts'

/** The hook at the end of every rollout, whatever its outcome. */
export function finishRollout(context: EngineContext, request: RolloutRequest, rollout: Rollout): Promise<Rollout> {
  const info: JudgedInfo = {
    step: request.step,
    sample: request.sample,
    rolloutId: request.id,
    seed: context.seed,
    images: context.images,
    ask: (question, about = request.sample) => askAside({ ...context, stopping: context.ending }, question, about),
  }
  return context.assembly.call('judge', rollout, info)
}

/** Asks outside the reward. A failing judge costs its own share only; failures of the run are thrown when all have ended. */
async function askAside(
  context: EngineContext,
  ...[question, about]: Required<Parameters<JudgedInfo['ask']>>
): Promise<readonly JudgeShare[]> {
  const seats = context.judges.get(question.scope) ?? []
  const shares = new Map<JudgeSeat, ChecklistItem[]>()
  for (const item of question.items) {
    const seat = seatFor(seats, item)
    if (seat !== undefined) shares.set(seat, [...(shares.get(seat) ?? []), item])
  }
  const answers = await Promise.allSettled(
    [...shares].map(async ([seat, items]): Promise<JudgeShare> => {
      const judge = seat.plugin
      try {
        return { judge, items, verdicts: await askSeat(context, about, seat, { ...question, items }) }
      } catch (error) {
        if (context.scope.aborted) throw interrupted()
        if (isFatal(error)) throw error
        return { judge, items, failure: toFailure(error, 'judge', judge) }
      }
    }),
  )
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  })
}
