// What rollouts come to: statistics, scores, whose fault a failure was, what was spent, and how far judges agree with people.
export {
  type BenchmarkCoverage,
  benchmarkCoverage,
  type PairedBenchmark,
  pairedBenchmark,
  type PrimaryEstimates,
  primaryEstimates,
} from './benchmark-scores.ts'
export {
  askCalibration,
  type AskCalibrationOptions,
  type AskJudges,
  type Calibration,
  type CalibrationResult,
  type JudgeCalibration,
  LEAST_ANSWERS,
} from './calibration/ask-calibration.ts'
export { type CalibrationItem } from './calibration/calibration-item.ts'
export {
  type CalibrationSet,
  checkCalibrationPictures,
  drawQuestions,
  readCalibration,
} from './calibration/read-calibration.ts'
export {
  type CalibrationComparison,
  compareCalibration,
  RecordedAnswers,
  type RecordedCalibration,
} from './calibration/recorded-answers.ts'
export { compareEvaluations, type EvaluationComparison, type Flip, SolvedPairs } from './comparison.ts'
export {
  type EvaluationSummary,
  type SolvedSummary,
  SolvedTally,
  type StatisticsOptions,
  subtaskOf,
  summariseEvaluation,
} from './evaluation.ts'
export { type FailureAttribution, type FailureCounts, FailureTally, attributeFailure } from './failure-attribution.ts'
export { causesOf, type FailureCause, FailureCauses } from './failure-causes.ts'
export { peopleAgreement, type PeopleAgreement } from './people-agreement.ts'
export { AgreementTally, type GroupAgreement, type HumanAgreement, type HumanAnswer } from './human-agreement.ts'
export { itemFailures, type ItemFailures, ItemFailureTally } from './item-failures.ts'
export { type Listed, Lookup, type Placed } from './listed.ts'
export { type MatrixColumn, type MatrixDifference, type MatrixDifferences, matrixDifferences } from './matrix.ts'
export { countOutcomes, meanReward, stepMetrics, type OutcomeCounts } from './metrics.ts'
export { type PlanAdvantageOptions, type PlanAdvantages, type PlanScore, planAdvantages } from './plan-advantages.ts'
export { type EvalScore, type EvalSummary, Scoreboard } from './scores.ts'
export { Tally } from './tally.ts'
export { type PublishedTable, publishedTables } from './published-figures.ts'
export {
  addCost,
  addFailure,
  addTo,
  type RunSpending,
  type Spending,
  type SpendingLine,
  type SpendingStage,
  SpendingSums,
  isSpendingLine,
  totalSpending,
} from './spending.ts'
export { type Agreement, agreement, type AnsweredTwice } from './statistics/agreement.ts'
export {
  estimateTraining,
  type DearStage,
  type StageEstimate,
  type TrainingEstimate,
  type TrainingSize,
} from './training-estimate.ts'
export {
  type BootstrapOptions,
  type Estimate,
  type PairedDifference,
  bootstrapMean,
  groupBy,
  mean,
  pairedDifference,
  wilson,
} from './statistics/interval.ts'
export { normalQuantile } from './statistics/normal-quantile.ts'
export { seededRandom } from './statistics/random.ts'
