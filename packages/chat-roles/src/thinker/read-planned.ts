import { readPlan, type PlanParts, type PlanTags } from '@dda-thinker/plan-text'
import { afterThinking, type ChatAnswer } from '@dda-thinker/endpoints/chat'

export interface PlanReading {
  readonly tags: PlanTags
  /** Only what follows the last of these is the plan, for models that think aloud: `</think>`. */
  readonly answerAfter?: string
  /** Characters of the executable plan; longer ones fail the format. Default: no limit. */
  readonly planLimit?: number
}

/** The plan in a model's answer, with the verdict on its form. */
export function readPlanned({ text, cut }: ChatAnswer, { answerAfter, tags, planLimit }: PlanReading): PlanParts {
  return readPlan(afterThinking(text, answerAfter), { tags, ended: !cut, limit: planLimit, strip: true })
}
