import { DdaError } from '@dda-thinker/plugin-api'

/** A batch of token sequences, row-major: cell `row * columns + column`. */
export interface TokenGrid {
  /** Sequences. */
  readonly rows: number
  /** Tokens of the longest sequence, padding included. */
  readonly columns: number
  /** [rows, columns]; 1 where the policy chose the token, 0 for padding and for tokens that it was given. */
  readonly mask: ArrayLike<number>
}

/** @throws DdaError `DDA_GRID_SHAPE` where an array does not have one number for each cell. */
export function checkGrid(grid: TokenGrid, arrays: Readonly<Record<string, ArrayLike<number> | undefined>>): void {
  const size = grid.rows * grid.columns
  for (const [name, array] of Object.entries({ mask: grid.mask, ...arrays })) {
    if (array !== undefined && array.length !== size) {
      throw new DdaError('DDA_GRID_SHAPE', `${name} has ${array.length} numbers, the batch has ${size} tokens`, {
        next: `Pass ${grid.rows} rows of ${grid.columns} tokens, padded.`,
      })
    }
  }
}

/** Unmasked cells. */
export function countTokens(mask: ArrayLike<number>): number {
  let count = 0
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) count++
  return count
}
