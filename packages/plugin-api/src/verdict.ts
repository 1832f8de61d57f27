/** A judge's answer to one checklist item. */
export interface Verdict {
  /** The id of the {@link ChecklistItem}. */
  readonly itemId: string
  /** `unsure` passes no item, whatever was expected. */
  readonly answer: 'yes' | 'no' | 'unsure'
  /** Probability of `yes`, where the judge gives one. */
  readonly probability?: number
  /** In words, for people; never part of a score. */
  readonly reason?: string
  /** Fingerprint of the judge. */
  readonly judge: string
}
