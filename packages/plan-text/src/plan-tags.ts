/** Names of the two blocks of a plan, without brackets. */
export interface PlanTags {
  /** Block that explains; `null`: plans have none. */
  readonly reasoning: string | null
  /** Block that the Editor is told. */
  readonly plan: string
}

/** `<look>...</look><plan>...</plan>`. */
export const DEFAULT_PLAN_TAGS: PlanTags = { reasoning: 'look', plan: 'plan' }

/** What a schema of options asks of the name of a block; with another one no reader would find the block. */
export const TAG_NAME = { minLength: 1, pattern: '^[A-Za-z][A-Za-z0-9_-]{0,30}$' } as const

/** Names of the blocks, in the order in which a plan has them. */
export function blocksOf({ reasoning, plan }: PlanTags): readonly string[] {
  return reasoning === null ? [plan] : [reasoning, plan]
}

/** The tags as they stand in a text, in order: `<look> </look> <plan> </plan>`. */
export function markup(tags: PlanTags): readonly string[] {
  return blocksOf(tags).flatMap((name) => [`<${name}>`, `</${name}>`])
}

/** The shape a plan must have, for prompts. */
export function shapeOf(tags: PlanTags): string {
  return writePlan({ reasoning: 'what you see and what follows from it', executable: 'the plan' }, tags)
}

/** A plan as a Thinker should write it, a block a line; the reasoning goes where the tags have no block for it. */
export function writePlan(
  { reasoning, executable }: { readonly reasoning: string; readonly executable: string },
  tags: PlanTags = DEFAULT_PLAN_TAGS,
): string {
  const look = tags.reasoning === null ? '' : `<${tags.reasoning}>${reasoning}</${tags.reasoning}>\n`
  return `${look}<${tags.plan}>${executable}</${tags.plan}>`
}
