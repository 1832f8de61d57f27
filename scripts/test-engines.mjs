// `npm run test:engines`: trainers of others, as they were released, with our rewards; their rows of docs/compatibility.md are made of
// what happened. Installs them into an environment of their own first: minutes, and some gigabytes where the shared environment
// (DDA_VENV) with its PyTorch is not there. `npm test` runs the same tests where they are installed, and skips them by name elsewhere.
//
//   ENGINES_VENV=FOLDER npm run test:engines      default folder: .venv-engines
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstall, root, run } from './ensure-install.mjs'
import { readRows, writeRows } from './real/compatibility-page.mjs'

// verl and OpenRLHF pin older versions of what TRL needs, or want a GPU's compiler; the parts that are run work without those.
const STEPS = [
  ['trl==1.16.0', 'torch==2.15.0', 'transformers==5.24.0'],
  ['hydra-core', 'codetiming', 'tensordict==0.10.0', 'ray[default]==2.60.0', 'torchdata', 'dill', 'peft', 'pyarrow'],
  ['--no-deps', 'verl==0.9.1'],
  // What verl's reward managers and its agent loops import and it does not say.
  ['aiohttp', 'pylatexenc', 'cachetools', 'uvicorn', 'fastapi'],
  ['--no-deps', 'openrlhf==0.11.2'],
]

ensureInstall()
const folder = (process.env.ENGINES_VENV ||= join(root, '.venv-engines'))
process.env.DDA_VENV ||= join(root, '.venv')
const stamp = join(folder, 'engines.json')
const wanted = JSON.stringify(STEPS)
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) install()

const rowsFolder = mkdtempSync(join(tmpdir(), 'dda-engines-'))
const file = join(rowsFolder, 'rows.jsonl')
process.env.ENGINES_ROWS = file
try {
  const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', 'test/engines', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  })
  const page = join(root, 'docs/compatibility.md')
  const rows = readRows(page)
  const date = new Date().toISOString().slice(0, 10)
  const found = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').map(JSON.parse) : []
  for (const row of found) rows.set(row.software, { ...row, date })
  writeRows(page, rows)
  process.exitCode = status ?? 1
} finally {
  rmSync(rowsFolder, { recursive: true, force: true })
}

function install() {
  const python = join(folder, 'bin/python')
  if (!existsSync(python)) run(process.env.DDA_PYTHON ?? 'python3', ['-m', 'venv', folder])
  // PyTorch and transformers of the shared environment are seen from here and not installed again.
  const shared = sitePackages(process.env.DDA_VENV)
  if (shared !== undefined) writeFileSync(join(sitePackages(folder), 'shared.pth'), `${shared}\n`)
  for (const step of STEPS) run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...step])
  writeFileSync(stamp, wanted)
}

function sitePackages(environment) {
  const lib = join(environment, 'lib')
  const version = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith('python3')) : undefined
  return version === undefined ? undefined : join(lib, version, 'site-packages')
}
