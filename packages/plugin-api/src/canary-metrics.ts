/**
 * Names of the metrics by which training says what its judges make of questions whose right answer is no: a plugin that asks
 * them (plugin-canary) writes them, the report reads them.
 */
export const CANARY_METRICS = {
  /** `canary/<what>/<judge>/<kind>`: items asked, passed (answered yes) and failed (not answered), by judge and kind. */
  prefix: 'canary/',
  /** Passed of asked in the step, 0..1; absent where nothing was asked. */
  passRate: 'canary/pass-rate',
  /** Judges and kinds over their threshold so far. */
  alarms: 'canary/alarms',
} as const

/** What {@link canaryMetric} counts. */
export type CanaryCount = 'asked' | 'passed' | 'failed'

/** The metric that counts the canaries of one kind put to one judge. */
export function canaryMetric(what: CanaryCount, judge: string, kind: string): string {
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
