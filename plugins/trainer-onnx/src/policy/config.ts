import { errors } from '../errors.ts'
import { DEFAULT_GRID, type ImageGrid } from './patches.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Size and shape of the network; everything that its weights depend on. */
export interface PolicyConfig {
  /** Pieces in the vocabulary. */
  readonly vocabulary: number
  /** Pieces that the policy may emit; ids below this. */
  readonly emittable: number
  readonly layers: number
  readonly width: number
  readonly heads: number
  /** Width of the hidden layer of each feed-forward block. */
  readonly hidden: number
  /** Hidden width of the patch encoder. */
  readonly patchHidden: number
  /** Hidden width of each value head. */
  readonly valueHidden: number
  /** Value heads, one for each stream of the reward that has its own. Default 1. */
  readonly valueHeads?: number
  /** Most tokens of an instruction. */
  readonly maxPrompt: number
  /** Most tokens of a plan, `<eos>` included. */
  readonly maxPlan: number
  readonly image: ImageGrid
}

export const DEFAULT_SIZE = {
  layers: 4,
  width: 128,
  heads: 4,
  hidden: 512,
  patchHidden: 192,
  valueHidden: 64,
  maxPrompt: 28,
  maxPlan: 36,
  image: DEFAULT_GRID,
} as const

/** A config for a vocabulary. @throws DdaError `DDA_TRAINER_OPTIONS` */
export function policyConfig(
  vocabulary: Pick<Vocabulary, 'size' | 'emittable'>,
  size: Partial<Omit<PolicyConfig, 'vocabulary' | 'emittable'>> = {},
): PolicyConfig {
  const config = { ...DEFAULT_SIZE, ...size, vocabulary: vocabulary.size, emittable: vocabulary.emittable }
  if (config.width % config.heads !== 0) {
    throw errors.make('DDA_TRAINER_OPTIONS/width', { width: config.width, heads: config.heads })
  }
  return config
}

/** How many {@link PolicyConfig.valueHeads} there are. */
export function valueHeads({ valueHeads: count = 1 }: Pick<PolicyConfig, 'valueHeads'>): number {
  return count
}

export function sameConfig(a: PolicyConfig, b: PolicyConfig): boolean {
  const flat = (config: PolicyConfig): string =>
    JSON.stringify(Object.entries({ ...config, ...config.image, image: null }).toSorted(([x], [y]) => (x < y ? -1 : 1)))
  return flat(a) === flat(b)
}
