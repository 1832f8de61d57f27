/** A score of KRIS-Bench, by its short name in the papers. */
export const METRICS = { consistency: 'VC', quality: 'VQ', instruction: 'IF', knowledge: 'KP' } as const

export type Metric = keyof typeof METRICS

const PLAIN: readonly Metric[] = ['consistency', 'quality', 'instruction']
const WITH_KNOWLEDGE: readonly Metric[] = [...PLAIN, 'knowledge']

export interface Dimension {
  readonly name: string
  readonly knowledge: 'Factual Knowledge' | 'Conceptual Knowledge' | 'Procedural Knowledge'
  /** Folders of the data, with how many items the published set has in each. */
  readonly folders: Readonly<Record<string, number>>
  readonly metrics: readonly Metric[]
}

/** The seven dimensions of three kinds of knowledge: 1,267 items in 20 folders. */
export const DIMENSIONS: readonly Dimension[] = [
  {
    name: 'Attribute Perception',
    knowledge: 'Factual Knowledge',
    folders: { count_change: 50, color_change: 50, size_adjustment: 50, part_completion: 50, anomaly_correction: 75 },
    metrics: PLAIN,
  },
  {
    name: 'Spatial Perception',
    knowledge: 'Factual Knowledge',
    folders: { viewpoint_change: 50, position_movement: 50 },
    metrics: PLAIN,
  },
  { name: 'Temporal Prediction', knowledge: 'Factual Knowledge', folders: { temporal_prediction: 74 }, metrics: PLAIN },
  {
    name: 'Social Science',
    knowledge: 'Conceptual Knowledge',
    folders: { humanities: 75, practical_knowledge: 50 },
    metrics: WITH_KNOWLEDGE,
  },
  {
    name: 'Natural Science',
    knowledge: 'Conceptual Knowledge',
    folders: { biology: 68, chemistry: 75, geography: 75, medicine: 50, mathematics: 50, physics: 75 },
    metrics: WITH_KNOWLEDGE,
  },
  {
    name: 'Logical Reasoning',
    knowledge: 'Procedural Knowledge',
    folders: { abstract_reasoning: 75, 'rule-based_reasoning': 75 },
    metrics: WITH_KNOWLEDGE,
  },
  {
    name: 'Instruction Decomposition',
    knowledge: 'Procedural Knowledge',
    folders: { 'multi-element_composition': 75, 'multi-instruction_execution': 75 },
    metrics: PLAIN,
  },
]

export const KNOWLEDGE = ['Factual Knowledge', 'Conceptual Knowledge', 'Procedural Knowledge'] as const

export const FOLDERS: readonly string[] = DIMENSIONS.flatMap(({ folders }) => Object.keys(folders))

/** @throws RangeError for a folder that KRIS-Bench does not have */
export function dimensionOf(folder: string): Dimension {
  const found = DIMENSIONS.find(({ folders }) => Object.hasOwn(folders, folder))
  if (found === undefined) throw new RangeError(`no folder ${folder}`)
  return found
}
