/** A judge's answer and its reason in words. */
export interface Answer {
  readonly yes: boolean
  readonly reason: string
}
