/** The four categories in the order of the official tables, and the sub-tasks of each. */
export const CATEGORIES = {
  temporal_reasoning: {
    row: 'Temporal',
    prefix: 'Temp',
    subtasks: ['Life Progression', 'Material Progression', 'Environmental Cycles', 'Societal Transformation'],
  },
  causal_reasoning: {
    row: 'Causal',
    prefix: 'Causal',
    subtasks: [
      'Structural Deformation',
      'State Transition',
      'Chemical and Biological Transformation',
      'Physics Manifestation',
    ],
  },
  spatial_reasoning: {
    row: 'Spatial',
    prefix: 'Spa',
    subtasks: [
      'Component Assembly',
      'Object Arrangement',
      'Viewpoint Generation',
      'Structural Inference',
      'Layout Reasoning',
    ],
  },
  logical_reasoning: {
    row: 'Logical',
    prefix: 'Logic',
    subtasks: ['Pattern Prediction', 'Mathematical Derivation', 'Puzzle Solving'],
  },
} as const

export type Category = keyof typeof CATEGORIES

export const CATEGORY_NAMES = Object.keys(CATEGORIES) as readonly Category[]

export function isCategory(value: unknown): value is Category {
  return typeof value === 'string' && Object.hasOwn(CATEGORIES, value)
}

/** Logical items are judged 0 or 1, on two dimensions; the others 1 to 5, on three. */
export function isLogical(category: string): boolean {
  return category === 'logical_reasoning'
}
