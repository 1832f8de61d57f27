/**
 * Names of the metrics by which training says what its judges make of questions whose right answer is no, and of those that people have
 * answered: a plugin that asks them (plugin-canary) writes them, the report reads them.
 */
export const CANARY_METRICS = {
  /**
   * `canary/<what>/<judge>/<kind>`: items asked, passed (answered yes) and failed (not answered), by judge and kind;
   * `canary/agreement/<judge>/<figure>`: how far the judge agrees with people, in steps that ask.
   */
  prefix: 'canary/',
  /** Passed of asked in the step, 0..1; absent where nothing was asked. */
  passRate: 'canary/pass-rate',
  /** Judges and kinds over their threshold so far. */
  alarms: 'canary/alarms',
  /** Rates of agreement with people below the first of the run; in steps that ask. */
  drops: 'canary/agreement-drops',
} as const

/** What {@link canaryMetric} counts. */
export type CanaryCount = 'asked' | 'passed' | 'failed'

/** The metric that counts the canaries of one kind put to one judge, or the figure of its agreement with people. */
export function canaryMetric(what: CanaryCount | 'agreement', judge: string, kind: string): string {
  return `${CANARY_METRICS.prefix}${what}/${judge}/${kind}`
}

/** The parts of a name made by {@link canaryMetric}; `undefined` for any other metric. */
export function readCanaryMetric(
  name: string,
): { readonly what: CanaryCount; readonly judge: string; readonly kind: string } | undefined {
  const [, what, judge, kind] = /^canary\/(asked|passed|failed)\/(.+)\/([^/]+)$/.exec(name) ?? []
  return what === undefined || judge === undefined || kind === undefined
    ? undefined
    : { what: what as CanaryCount, judge, kind }
}

/** Whose agreement with people a metric made by {@link canaryMetric} gives, and which figure of it; `undefined` for any other metric. */
export function readAgreementMetric(name: string): { readonly judge: string; readonly figure: string } | undefined {
  const [, judge, figure] = /^canary\/agreement\/(.+)\/([^/]+)$/.exec(name) ?? []
  return judge === undefined || figure === undefined ? undefined : { judge, figure }
}
