import type { Ledger } from '@dda-thinker/core'

/** Why a run that may spend no more has stopped. */
export interface BudgetEnd {
  /** `DDA_BUDGET_MONEY`, `DDA_BUDGET_EDITS`, `DDA_BUDGET_JUDGE_TOKENS` or `DDA_BUDGET_SECONDS`. */
  readonly code: string
  readonly message: string
  readonly next: string
}

/** For the result of a run that was stopped. */
export function budgetEnd({ refusal }: Ledger): { readonly budget?: BudgetEnd } {
  return refusal === undefined
    ? {}
    : { budget: { code: refusal.code, message: refusal.message, next: refusal.next ?? '' } }
}
