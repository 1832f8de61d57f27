// Prints what failed, and `N passed, N failed` as the last line: the one line that a CI system can rely on. `npm test` names a file
// instead (DDA_TEST_COUNTS), for what it checks beside the tests counts too.
import { writeFileSync } from 'node:fs'

/** @param {{ passed: number, failed: number, skipped: number }} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/**
 * A line for each failure, above the closing one: a log that kept its end alone still says what to look at.
 *
 * @param {readonly string[]} failures
 */
export function failureLines(failures) {
  return failures.map((name) => `FAILED: ${name}\n`).join('')
}

export default class ClosingLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    const failures = unhandledErrors.map(({ message }) => firstLine(message))
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') counts.passed += 1
        else if (result.state === 'failed') {
          counts.failed += 1
          failures.push(`${module.relativeModuleId} > ${test.fullName}: ${firstLine(result.errors[0]?.message)}`)
        } else counts.skipped += 1
      }
      // A file that could not be loaded, or a failing hook, has no failing test of its own.
      for (const suite of [module, ...module.children.allSuites()]) {
        const name = suite === module ? module.relativeModuleId : `${module.relativeModuleId} > ${suite.fullName}`
        const errors = suite.errors()
        counts.failed += errors.length
        failures.push(...errors.map(({ message }) => `${name}: ${firstLine(message)}`))
      }
    }
    const file = process.env.DDA_TEST_COUNTS
    if (file !== undefined) writeFileSync(file, JSON.stringify({ ...counts, failures }))
    else setImmediate(() => process.stdout.write(`${failureLines(failures)}${closingLine(counts)}\n`))
  }
}

function firstLine(message = '') {
  return message.split('\n', 1)[0].slice(0, 300)
}
