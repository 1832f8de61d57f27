import { type DdaError, isDdaError } from '@dda-thinker/plugin-api'
import type { ProjectConfig } from '@dda-thinker/config'
import { errors } from '../errors.ts'

export type Budget = ProjectConfig['budget']

const SPENT = {
  money: 'DDA_BUDGET_MONEY',
  edits: 'DDA_BUDGET_EDITS',
  judgeTokens: 'DDA_BUDGET_JUDGE_TOKENS',
  seconds: 'DDA_BUDGET_SECONDS',
} as const satisfies Record<keyof Budget, string>

/** The end of a run that may spend no more. It stops the run instead of masking rollouts. */
export function budgetSpent(key: keyof Budget, limit: number): DdaError {
  return errors.make(SPENT[key], { limit }, { kind: 'unavailable', stopsRun: true })
}

export function isBudgetError(error: unknown): error is DdaError {
  return isDdaError(error) && error.code.startsWith('DDA_BUDGET_')
}
