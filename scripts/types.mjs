// What `npm test` and `npm run check` have the compiler check; this file alone checks it.
import { pathToFileURL } from 'node:url'
import { sideBySide } from './side-by-side.mjs'

/** What is checked is in one of them. All that packages declare is in the first two; the second does without the types of its dependencies. */
const DECLARING = ['tsconfig.tests.json', 'plugins/ai-sdk']
/** These want a browser's types. */
const BROWSER = ['tsconfig.browser.json', 'packages/viewer/src/app']

/** One checker: several work out the same types for themselves. */
export const compile = (program, ...more) => ['npx', '--no-install', 'tsc', '-p', program, '--checkers', '1', ...more]
const check = (program) => ({ name: `types of ${program}`, command: compile(program) })

/** A lane of {@link sideBySide}: all types, and the declarations of all packages. */
export const typesAndDeclarations = [
  { name: 'types and declarations', command: [process.execPath, 'scripts/declarations.mjs', ...DECLARING] },
  ...BROWSER.map(check),
]

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const failed = await sideBySide([[...DECLARING, ...BROWSER].map(check)]).ended
  process.exitCode = failed.length === 0 ? 0 : 1
}
