// Makes the environment of the Python parts, once for each content of packages/python-worker/requirements.txt: DDA_VENV, or
// else the nearest .venv that was made so, or .venv here. Needs a build of packages/python-worker. The demo does without it.

if (process.env.DDA_SKIP_PYTHON === '1') {
  process.stdout.write('DDA_SKIP_PYTHON=1: the suites of the Python parts are skipped.\n')
} else {
  // The tests import a third of it. Where they share an interpreter (test/support/warm-python.ts), it keeps that compiled.
  if (process.platform === 'linux') process.env.UV_COMPILE_BYTECODE ??= '0'
  const { ensureVenv } = await import('@dda-thinker/python-worker')
  try {
    await ensureVenv({ onLine: (line) => process.stdout.write(`${line}\n`) })
  } catch (error) {
    process.stderr.write(`${error.code ?? error.name}: ${error.message}\n${error.next ?? ''}\n`)
    process.stderr.write('Or run the tests without those of the Python parts: DDA_SKIP_PYTHON=1 npm test\n')
    process.exitCode = 1
  }
}
