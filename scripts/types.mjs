// What `npm test` and `npm run check` have the compiler check; this file alone checks it.
import { pathToFileURL } from 'node:url'
import { sideBySide } from './side-by-side.mjs'

/** What is checked is in one of them; some want a browser's types, and one does without those of its dependencies. */
const PROGRAMS = ['tsconfig.tests.json', 'tsconfig.browser.json', 'packages/viewer/src/app', 'plugins/ai-sdk']

/** A lane of {@link sideBySide}. One checker: several work out the same types for themselves. */
export const typeChecks = PROGRAMS.map((program) => ({
  name: `types of ${program}`,
  command: ['npx', '--no-install', 'tsc', '-p', program, '--checkers', '1'],
}))

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const failed = await sideBySide([typeChecks])
  process.exitCode = failed.length === 0 ? 0 : 1
}
