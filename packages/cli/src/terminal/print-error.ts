import { stackOf } from '@dda-thinker/config'
import { isDdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import type { Colors } from './colors.ts'
import type { ErrorReport } from './output.ts'

/** What is known of an error, in the order in which a reader wants it. */
export function reportError(error: unknown, debug: boolean): ErrorReport {
  const stack = debug ? stackOf(error) : undefined
  if (!isDdaError(error)) {
    const message = error instanceof Error ? error.message : String(error)
    const texts = errors.texts('DDA_UNEXPECTED', { message: message === '' ? 'An error without a message.' : message })
    const { exit: _, ...said } = texts
    return { ...said, ...(stack === undefined ? {} : { stack }) }
  }
  const { code, message, location, plugin, hook, stage, sampleId, next, page } = error
  const problems = 'problems' in error && Array.isArray(error.problems) ? (error.problems as unknown[]) : undefined
  const report = { code, message, location, plugin, hook, stage, sampleId, next, page, problems, stack }
  const known = Object.entries(report).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as unknown as ErrorReport
}

/** `✖ DDA_…  message`, then where, who, and what to do next. No stack unless `--debug`. */
export function formatError(report: ErrorReport, colors: Colors): string {
  const facts = [
    // A message that lists problems has their places in it already.
    [
      'at',
      report.problems === undefined && !report.message.includes(report.location ?? '\0') ? report.location : undefined,
    ],
    ['plugin', report.plugin],
    ['hook', report.hook],
    ['stage', report.stage],
    ['sample', report.sampleId],
    ['next', report.next],
    ['continue', report.continue],
    ['page', report.page],
  ].filter((fact): fact is [string, string] => fact[1] !== undefined)
  const width = Math.max(...facts.map(([name]) => name.length), 0)
  return [
    `${colors.red('✖')} ${colors.bold(report.code)}  ${report.message}`,
    ...facts.map(([name, value]) => `  ${colors.dim(`${name}:`.padEnd(width + 1))} ${value}`),
    ...(report.stack === undefined ? [] : ['', colors.dim(report.stack)]),
    '',
  ].join('\n')
}
