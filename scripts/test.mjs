// `npm test`: install if needed, then every suite, those of the Python parts included, after types, lint and format.
// Arguments go to vitest. DDA_SKIP_PYTHON=1 does without Python: its suites are then skipped by name. The last line is the one
// that a CI system can rely on: `N passed, N failed`.
import './announce-python.mjs'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { closingLine, failureLines } from './closing-line-reporter.mjs'
import { ensureInstall, root } from './ensure-install.mjs'
import { sideBySide } from './side-by-side.mjs'
import { typesAndDeclarations } from './types.mjs'

ensureInstall()
const { bundleAll } = await import('./bundle.mjs')
const { buildViewer } = await import('./build-viewer.mjs')
process.env.DDA_VENV ||= join(root, '.venv')
// The code that tests start is there in seconds.
await bundleAll()
await buildViewer()
const { existingVenv } = await import('@dda-thinker/python-worker')
const given = process.argv.slice(2)
// What is wrong with one that somebody else made is told where it would be used.
const isThere = process.env.DDA_SKIP_PYTHON === '1' || (await existingVenv().catch(() => true)) !== undefined
// Made anew it waits for the network and the disk for minutes: what needs no Python is tested meanwhile, and lets it go first, for the rest
// of the tests waits for it.
const early = isThere || given.length > 0 ? undefined : runTests(['--project', 'unit'], { niceness: 10 })
const checks = sideBySide(
  [
    [{ name: 'Python environment', command: [process.execPath, 'scripts/ensure-python.mjs'] }],
    typesAndDeclarations,
    [
      {
        name: 'lint and format',
        command: ['npm', 'run', '--silent', 'lint'],
        // What reads the types is written in Go. By one thread, and with its garbage collected where the heap has grown fivefold
        // instead of twofold, it takes half the processor time beside the others, and no more memory.
        env: { GOMAXPROCS: '1', GOGC: '400' },
      },
    ],
  ],
  early,
)
const unsound = await checks.ended
// The early ones may be at work still: they wait for this and that, and leave the processors to these.
const tests =
  early === undefined
    ? runTests(given)
    : runTests(['--project', 'process', '--project', 'isolated'], { shownAfter: checks.shown })
const runs = (await Promise.all([early, tests])).filter((run) => run !== undefined)
// Whatever failed, the tests told what they could; the closing line counts it.
const failed = [...unsound, ...runs.filter(({ counts }) => counts === undefined).map(() => 'tests')]
process.stdout.write(failureLines([...failed, ...runs.flatMap(({ counts }) => counts?.failures ?? [])]))
const sum = (state) => runs.reduce((total, { counts }) => total + (counts?.[state] ?? 0), 0)
process.stdout.write(
  `${closingLine({ passed: sum('passed'), failed: sum('failed') + failed.length, skipped: sum('skipped') })}\n`,
)
const status = runs.find((run) => run.status !== 0)?.status ?? 0
process.exitCode = failed.length > 0 ? status || 1 : status

/**
 * Resolves with the exit status, and how many tests passed, failed and were skipped where vitest came so far.
 *
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {number} [options.niceness] 0 to 19: how far other processes go before it
 * @param {Promise<unknown>} [options.shownAfter] whoever has the screen until then keeps it
 */
async function runTests(args, { niceness = 0, shownAfter } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'dda-counts-'))
  const file = join(folder, 'counts.json')
  const output = shownAfter === undefined ? 'inherit' : 'pipe'
  const child = spawn('npx', ['--no-install', 'vitest', 'run', ...args], {
    cwd: root,
    env: { ...process.env, DDA_TEST_COUNTS: file },
    stdio: ['inherit', output, output],
    shell: process.platform === 'win32',
  })
  // What it starts has the same.
  if (niceness > 0 && child.pid !== undefined) setPriority(child.pid, niceness)
  // Interrupted, vitest stops what it started before it ends; this process ends after it.
  process.on('SIGINT', () => {})
  const [status] = await Promise.all([
    new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code ?? 1))
    }),
    showAfter(shownAfter, child.stdout, process.stdout),
    showAfter(shownAfter, child.stderr, process.stderr),
  ])
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  rmSync(folder, { recursive: true, force: true })
  return { status, counts }
}

/** Passes on what a child says, and keeps it until then: unread, it would have the child wait. */
async function showAfter(time, from, to) {
  if (from === null) return
  const kept = from.pipe(new PassThrough({ highWaterMark: 2 ** 30 }))
  await time
  for await (const data of kept) to.write(data)
}
