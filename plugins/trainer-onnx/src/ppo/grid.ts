import { errors } from '../errors.ts'

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
      throw errors.make('DDA_GRID_SHAPE/array', {
        name,
        count: array.length,
        size,
        rows: grid.rows,
        columns: grid.columns,
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
