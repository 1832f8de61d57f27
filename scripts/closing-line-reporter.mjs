// Prints `N passed, N failed` as the last line: the one line that a CI system can rely on. Steps of `npm test` that failed
// before the tests (DDA_FAILED_STEPS, their names with commas between) count as one failure each.
export default class ClosingLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0
    const steps = (process.env.DDA_FAILED_STEPS ?? '').split(', ').filter((name) => name !== '')
    let failed = unhandledErrors.length + steps.length
    let skipped = 0
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state
        if (state === 'passed') passed += 1
        else if (state === 'failed') failed += 1
        else skipped += 1
      }
      // A file that could not be loaded, or a failing hook, has no failing test of its own.
      failed += module.errors().length
    }
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
    const before = steps.map((name) => `FAILED before the tests: ${name}\n`).join('')
    setImmediate(() => process.stdout.write(`${before}${line}\n`))
  }
}
