import { DdaError, isDdaError } from '@dda-thinker/plugin-api'
import type { ProjectConfig } from '@dda-thinker/config'

export type Budget = ProjectConfig['budget']

const UNITS: Readonly<Record<keyof Budget, readonly [code: `DDA_BUDGET_${string}`, unit: string]>> = {
  money: ['DDA_BUDGET_MONEY', 'of money'],
  edits: ['DDA_BUDGET_EDITS', 'edits'],
  judgeTokens: ['DDA_BUDGET_JUDGE_TOKENS', 'judge tokens'],
  seconds: ['DDA_BUDGET_SECONDS', 'seconds'],
}

/** The end of a run that may spend no more. It stops the run instead of masking rollouts. */
export function budgetSpent(key: keyof Budget, limit: number): DdaError {
  const [code, unit] = UNITS[key]
  return new DdaError(code, `The run's budget of ${limit} ${unit} is used up`, {
    kind: 'unavailable',
    stopsRun: true,
    next: `Raise budget.${key} and run the same command again; it continues where it stopped.`,
  })
}

export function isBudgetError(error: unknown): error is DdaError {
  return isDdaError(error) && error.code.startsWith('DDA_BUDGET_')
}
