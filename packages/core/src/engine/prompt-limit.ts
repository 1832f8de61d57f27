import type { Plan } from '@dda-thinker/plugin-api'
import type { EngineContext } from './engine-context.ts'

/**
 * The plan as its Editor can take it. One that is longer than the Editor reads fails its format, unless the Thinker's own
 * parser has failed it before. It must cost reward: were it masked like a fault of the Editor, a policy that fears a low
 * reward would learn to write too much. Plans whose pictures are on record already were short enough for their Editor.
 */
export function withinPromptLimit(context: EngineContext, plan: Plan): Plan {
  if (!plan.format.ok || !exceedsPromptLimit(context, plan)) return plan
  const problem = `the plan is longer than the ${context.editor.supports.promptLimit} characters that the Editor reads`
  return { ...plan, format: { ok: false, problem, by: 'editor' } }
}

export function exceedsPromptLimit({ editor, edits }: EngineContext, { id, executable }: Plan): boolean {
  const { promptLimit } = editor.supports
  return promptLimit !== undefined && executable.length > promptLimit && edits?.has(id) !== true
}
