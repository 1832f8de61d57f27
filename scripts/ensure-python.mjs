// Makes the environment of the Python parts, once for each content of packages/python-worker/requirements.txt: DDA_VENV, or
// else .venv in the repository. Needs a build. The demo does without it.
import { join } from 'node:path'
import { root } from './ensure-install.mjs'

export async function ensurePython() {
  if (process.env.DDA_SKIP_PYTHON === '1') {
    process.stdout.write('DDA_SKIP_PYTHON=1: the suites of the Python parts are skipped.\n')
    return
  }
  process.env.DDA_VENV ||= join(root, '.venv')
  const { ensureVenv } = await import('@dda-thinker/python-worker')
  try {
    await ensureVenv({ onLine: (line) => process.stdout.write(`${line}\n`) })
  } catch (error) {
    process.stderr.write(`${error.code ?? error.name}: ${error.message}\n${error.next ?? ''}\n`)
    process.stderr.write('Or run the tests without those of the Python parts: DDA_SKIP_PYTHON=1 npm test\n')
    process.exit(1)
  }
}
