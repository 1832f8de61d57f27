// What judges and Thinkers share that ask a chat model with eyes, however it is reached.
export { CanaryWatch, type CanaryOptions, type CanaryWatchOptions } from './judge/canary-watch.ts'
export {
  ChecklistAsker,
  type Asked,
  type AskedModel,
  type Asking,
  type ChecklistAskerSettings,
} from './judge/checklist-asker.ts'
export { combine, fromProbability } from './judge/combine.ts'
export { checklistOptions, type AskerOptions, type PromptOptions } from './judge/options.ts'
export { PROMPT_VERSION, sightTexts } from './judge/prompt.ts'
export { parseVerdicts, REASON_LIMIT, verdictSchema, type Answer, type Parsed } from './judge/verdict-json.ts'
export { plannerOptions } from './thinker/options.ts'
export { plannerHash, plannerPrompt, plannerRequest, type PlannerOptions } from './thinker/prompt.ts'
export { plansAsFinished } from './thinker/plans-as-finished.ts'
export { readPlanned, type PlanReading } from './thinker/read-planned.ts'
