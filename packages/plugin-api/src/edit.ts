import type { ImageRef } from './image.ts'

/** What something cost. Absent fields are unknown, not zero. */
export interface Cost {
  /** In the currency of the project's budget. */
  readonly money?: number
  readonly inputTokens?: number
  readonly outputTokens?: number
}

/** An executed plan. */
export interface Edit {
  readonly image: ImageRef
  readonly seed: number
  /** Fingerprint of the Editor. */
  readonly editor: string
  readonly cost?: Cost
  /** What the Editor said about its work, for people. */
  readonly notes?: readonly string[]
}
