import { statWeights } from '../ppo/aggregate.ts'
import type { StepTables } from './step-tables.ts'

/** Rows of a mini-batch; all others are masked. */
export function miniBatchMask(
  { grid, mask }: Pick<StepTables, 'grid' | 'mask'>,
  rows: readonly number[],
): Float64Array {
  const { columns } = grid
  const own = new Float64Array(mask.length)
  for (const row of rows) own.set(mask.subarray(row * columns, (row + 1) * columns), row * columns)
  return own
}

/**
 * Of each head's tokens in a mini-batch. A head's loss is a mean over tokens whatever the policy's is, as in verl; the critic's the
 * mean over the heads that learn, so that its coefficient does not depend on how many there are.
 */
export function criticWeights({ grid, critics }: StepTables, mask: Float64Array): readonly Float64Array[] {
  const learning = critics.filter((critic) => critic !== undefined).length
  return critics.map((critic) => {
    const own = mask.map((bit, cell) => (critic?.mask[cell] === 1 ? bit : 0))
    return own.includes(1) ? statWeights({ ...grid, mask: own }).map((weight) => weight / learning) : own
  })
}
