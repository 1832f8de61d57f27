/** Canvas in pixels. The policy's patch grid (5 × 2) falls on the columns and rows below. */
export const CANVAS = { width: 320, height: 176 } as const

/** Object centres stand near these, with jitter. Columns from the left, rows from the back. */
export const COLUMNS = [32, 96, 160, 224, 288] as const
export const ROWS = { back: 62, front: 130 } as const

export const COLUMN_NAMES = ['far left', 'left', 'middle', 'right', 'far right'] as const
export type Column = 0 | 1 | 2 | 3 | 4
export type Row = keyof typeof ROWS

/** Side of the square an object is drawn into, in pixels. */
export const SIZES = { small: 30, medium: 42, large: 54 } as const
export type Size = keyof typeof SIZES

/** One thing on the table. At most one stands in a column, so that "left of" has one meaning. */
export interface SceneObject {
  /** Name of a kind in the catalogue, for example `banana`. */
  readonly kind: string
  /** Name of a state, for example `rotten`; `undefined` is the ordinary look. */
  readonly state?: string
  readonly column: Column
  readonly row: Row
  readonly size: Size
  /** Offset of the centre from its place, pixels. */
  readonly dx: number
  readonly dy: number
}

/** What the renderer draws. Editor and judges never see it: they get pixels. */
export interface Scene {
  /** Name of a background in `backgrounds.ts`. */
  readonly background: string
  readonly objects: readonly SceneObject[]
}
