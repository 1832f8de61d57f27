// Prints `N passed, N failed` as the last line: the one line that a CI system can rely on.
export default class ClosingLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0
    let failed = unhandledErrors.length
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
    setImmediate(() => process.stdout.write(`${line}\n`))
  }
}
