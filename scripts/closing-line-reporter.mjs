// Prints `N passed, N failed` as the last line: the one line that a CI system can rely on. `npm test` names a file instead
// (DDA_TEST_COUNTS), for what it checks beside the tests counts too.
import { writeFileSync } from 'node:fs'

/** @param {{ passed: number, failed: number, skipped: number }} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

export default class ClosingLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state
        if (state === 'passed') counts.passed += 1
        else if (state === 'failed') counts.failed += 1
        else counts.skipped += 1
      }
      // A file that could not be loaded, or a failing hook, has no failing test of its own.
      counts.failed += module.errors().length
    }
    const file = process.env.DDA_TEST_COUNTS
    if (file === undefined) setImmediate(() => process.stdout.write(`${closingLine(counts)}\n`))
    else writeFileSync(file, JSON.stringify(counts))
  }
}
