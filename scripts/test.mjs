// `npm test`: install if needed, then types, lint, format and every suite, those of the Python parts included. Arguments go
// to vitest. DDA_SKIP_PYTHON=1 does without Python: its suites are then skipped by name.
import './announce-python.mjs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstall, root } from './ensure-install.mjs'
import { sideBySide } from './side-by-side.mjs'

ensureInstall()
const { bundleAll } = await import('./bundle.mjs')
process.env.DDA_VENV ||= join(root, '.venv')
// The code that tests start is there in seconds. What is checked while it is compiled is checked in one program with the tests.
await bundleAll()
const failed = await sideBySide([
  [
    {
      name: 'declarations',
      command: ['npx', '--no-install', 'tsc', '-b', '--noCheck', '--builders', '2', '--checkers', '1'],
    },
    { name: 'types', command: ['npx', '--no-install', 'tsc', '-p', 'tsconfig.tests.json'] },
    { name: 'types of ai-sdk', command: ['npx', '--no-install', 'tsc', '-p', 'plugins/ai-sdk/tsconfig.tests.json'] },
  ],
  [{ name: 'lint and format', command: ['npm', 'run', '--silent', 'lint'] }],
  [{ name: 'Python environment', command: [process.execPath, 'scripts/ensure-python.mjs'] }],
])
// Whatever failed above, the tests tell what they can; the closing line counts it.
process.env.DDA_FAILED_STEPS = failed.join(', ')
const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exitCode = failed.length > 0 ? status || 1 : (status ?? 1)
