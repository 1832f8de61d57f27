import { readdirSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testPython } from '@dda-thinker/python-worker'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'

// pytest runs each Python part's tests; every one of them becomes a test here, so that one count holds them all.
const root = fileURLToPath(new URL('..', import.meta.url))
const MODULE = join(root, 'packages/python-worker/python')

/** Python packages, and folders `python` of packages and plugins, that have a folder `tests`. */
const parts = ['packages', 'plugins', 'python']
  .flatMap((group) =>
    readdirSync(join(root, group)).map((name) => (group === 'python' ? `python/${name}` : `${group}/${name}/python`)),
  )
  .filter((part) => existsSync(join(root, part, 'tests')))
const python = testPython()

interface Result {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly text: string
}

async function pytest(interpreter: string, part: string): Promise<readonly Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dda-pytest-'))
  const results = join(folder, 'results.jsonl')
  try {
    const path = [join(root, 'test/support'), join(root, part), MODULE].join(delimiter)
    const args = ['-m', 'pytest', '-q', '-p', 'pytest_results', '-p', 'no:cacheprovider', 'tests']
    const { exitCode, all } = await execa(interpreter, args, {
      cwd: join(root, part),
      env: { PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1', DDA_PYTEST_RESULTS: results },
      reject: false,
      all: true,
      stdin: 'ignore',
    })
    const lines = existsSync(results) ? readFileSync(results, 'utf8').split('\n') : []
    const found = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result)
    // 0: all passed; 1: some failed, and each says so itself. Anything else is a failure of its own.
    const whole = exitCode === 0 || (exitCode === 1 && found.some(({ outcome }) => outcome === 'failed'))
    return whole && found.length > 0 ? found : [...found, { name: 'pytest', outcome: 'failed', text: all }]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (python === undefined) for (const part of parts) test.skip(`pytest in ${part} (no Python environment)`)

// Side by side: one after another, each would wait for the imports of the one before.
const suites = python === undefined ? [] : await Promise.all(parts.map((part) => pytest(python, part)))
for (const [index, results] of suites.entries()) {
  describe(`pytest in ${parts[index]}`, () => {
    for (const { name, outcome, text } of results) {
      test.skipIf(outcome === 'skipped')(name, () => {
        expect(outcome, text).toBe('passed')
      })
    }
  })
}
