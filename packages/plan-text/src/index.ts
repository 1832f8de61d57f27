// Plans as text: what Thinkers write, what Editors and judges may be given of it.
export { judgeTalk } from './look-alikes.ts'
export { planOffence, type PlanText } from './plan-offence.ts'
export { editorPrompt, stripReservedTokens, type Stripped } from './reserved-tokens.ts'
export { sanitisePlan, sanitiseText, SANITISER_VERSION, type SanitisedPlan } from './sanitise-plan.ts'
