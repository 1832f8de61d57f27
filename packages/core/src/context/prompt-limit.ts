import type { Plan } from '@dda-thinker/plugin-api'
import type { EngineContext } from './engine-context.ts'
import { errorChain } from './failure.ts'

/**
 * The plan as its Editor can take it. One that is longer than the Editor reads fails its format. It must cost reward: were it
 * masked like a fault of the Editor, a policy that fears a low reward would learn to write too much.
 */
export function withinPromptLimit(context: EngineContext, plan: Plan): Plan {
  if (!exceedsPromptLimit(context, plan)) return plan
  return tooLong(
    plan,
    `the plan is longer than the ${context.editor.supports.promptLimit} characters that the Editor reads`,
  )
}

/** Plans whose pictures are on record already were short enough for their Editor. */
export function exceedsPromptLimit({ editor, edits }: EngineContext, { id, executable }: Plan): boolean {
  const { promptLimit } = editor.supports
  return promptLimit !== undefined && executable.length > promptLimit && edits?.has(id) !== true
}

/** What an Editor says of a plan that it finds too long, or of no use, only when asked: many limits count tokens. */
export function promptRefusal(error: unknown): string | undefined {
  return errorChain(error).find(({ code }) => code === 'DDA_EDITOR_PROMPT')?.message
}

/** What the Thinker's own parser holds against a plan comes first. */
export function tooLong(plan: Plan, problem: string): Plan {
  return plan.format.ok ? { ...plan, format: { ok: false, problem, by: 'editor' } } : plan
}
