import type { ImageRef } from './image.ts'

/** What something cost. Absent fields are unknown, not zero. */
export interface Cost {
  /** In the currency of the project's budget. */
  readonly money?: number
  /** Tokens that were sent, pictures included as the service counts them. */
  readonly inputTokens?: number
  /** Tokens that came back. */
  readonly outputTokens?: number
}

/** An executed plan. */
export interface Edit {
  /** The edited picture. */
  readonly image: ImageRef
  /** What the Editor was given for its noise. */
  readonly seed: number
  /** Fingerprint of the Editor. */
  readonly editor: string
  /** Of this edit alone. */
  readonly cost?: Cost
  /** What the Editor said about its work, for people. */
  readonly notes?: readonly string[]
}
