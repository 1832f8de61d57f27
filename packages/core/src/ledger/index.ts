export { budgetSpent, isBudgetError, type Budget } from './budget.ts'
export { Ledger } from './ledger.ts'
export { readSpending, totalSpending, type RunSpending, type Spending, type SpendingStage } from './spending.ts'
