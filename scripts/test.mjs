// `npm test`: install if needed, then types, lint, format and every suite. Arguments go to vitest.
import { ensureBuild, ensureInstall, run } from './ensure-install.mjs'

ensureInstall()
ensureBuild()
run('npx', ['--no-install', 'tsc', '-p', 'tsconfig.tests.json'])
run('npm', ['run', '--silent', 'lint'])
run('npx', ['--no-install', 'vitest', 'run', ...process.argv.slice(2)])
