import type { Column, Row, Size } from '../world/scene.ts'

/** A place on the table. Absent row: keep the row (`move`), or front (`add`). Absent column: keep the column. */
export interface Place {
  readonly column?: Column
  readonly row?: Row
}

/** A thing named in a plan or a question: "the rotten banana". */
export interface Mention {
  readonly kind: string
  readonly state?: string
}

/**
 * One literal edit. Its canonical wordings, separated by `; ` in a plan:
 *
 * - `turn the banana rotten`
 * - `replace the egg with a chick`
 * - `remove the cup`
 * - `swap the cup and the banana`
 * - `move the cup to the far right` · `... to the back far right` · `... to the back`
 * - `add an apple at the middle` · `... at the back middle`
 * - `make the cup small`
 */
export type Clause =
  | { readonly op: 'turn'; readonly target: Mention; readonly state: string }
  | { readonly op: 'replace'; readonly target: Mention; readonly by: Mention }
  | { readonly op: 'remove'; readonly target: Mention }
  | { readonly op: 'swap'; readonly target: Mention; readonly other: Mention }
  | { readonly op: 'move'; readonly target: Mention; readonly to: Place }
  | { readonly op: 'add'; readonly thing: Mention; readonly at: Place }
  | { readonly op: 'resize'; readonly target: Mention; readonly size: Size }
