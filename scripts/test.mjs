// `npm test`: install if needed, then types, lint, format and every suite, those of the Python parts included. Arguments go
// to vitest. DDA_SKIP_PYTHON=1 does without Python: its suites are then skipped by name.
import { ensurePython } from './ensure-python.mjs'
import { ensureBuild, ensureInstall, run } from './ensure-install.mjs'

ensureInstall()
ensureBuild()
run('npx', ['--no-install', 'tsc', '-p', 'tsconfig.tests.json'])
run('npm', ['run', '--silent', 'lint'])
await ensurePython()
run('npx', ['--no-install', 'vitest', 'run', ...process.argv.slice(2)])
