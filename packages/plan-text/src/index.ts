// Plans as text: the one grammar they are written and read by, and what Editors and judges may be given of them.
export { judgeTalk } from './look-alikes.ts'
export { planOffence, type PlanText } from './plan-offence.ts'
export { blocksOf, DEFAULT_PLAN_TAGS, markup, shapeOf, TAG_NAME, writePlan, type PlanTags } from './plan-tags.ts'
export { MAX_PLAN_LENGTH, readPlan, type PlanParts, type ReadOptions } from './read-plan.ts'
export { editorPrompt, stripReservedTokens, type Stripped } from './reserved-tokens.ts'
export { sanitisePlan, sanitiseText, SANITISER_VERSION, type SanitisedPlan } from './sanitise-plan.ts'
