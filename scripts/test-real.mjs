// `npm run test:real`: the product against software that nobody here wrote, each piece in an environment of its own, and
// docs/compatibility.md, whose table is made of what happened. Needs a build, Python 3.11 or newer and, but for diffusers, the network.
//
//   npm run test:real -- [--only diffusers] [--keep FOLDER] [--comfyui http://127.0.0.1:8188]
//
// ComfyUI is in no registry: it is run through where the address of a server is given.
//
// A row tells: software, version, date, what was run through it and how it ended, what to set. Rows of software that was not
// run this time stay as the last run left them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { serveRows } from './real/chat-servers.mjs'
import { comfyRows } from './real/comfyui.mjs'
import { readRows, writeRows } from './real/compatibility-page.mjs'
import { diffusersRows } from './real/diffusers.mjs'
import { gatewayRows } from './real/litellm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = join(root, 'docs/compatibility.md')
const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, keep: { type: 'string' }, comfyui: { type: 'string' } },
})
const suites = {
  diffusers: diffusersRows,
  'transformers-serve': serveRows,
  litellm: gatewayRows,
  comfyui: comfyRows,
}
const wanted = values.only ?? Object.keys(suites)
const unknown = wanted.find((name) => !(name in suites))
if (unknown !== undefined) throw new Error(`there is no suite ${unknown}; there are ${Object.keys(suites).join(', ')}`)

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'dda-real-'))
mkdirSync(folder, { recursive: true })
const today = new Date().toISOString().slice(0, 10)
const rows = readRows(page)
let failed = 0
try {
  for (const name of wanted) {
    process.stdout.write(`${name}\n`)
    for (const row of await suites[name]({ root, folder, dda, today, comfyui: values.comfyui })) {
      process.stdout.write(`  ${row.software} ${row.version}: ${row.result}\n`)
      rows.set(row.software, row)
      if (!row.ok) failed += 1
    }
    writeRows(page, rows)
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failed === 0 ? 0 : 1

/** One command of the product in a project, its answer as JSON. Never throws for a status other than 0. */
async function dda(cwd, ...args) {
  const bin = join(root, 'packages/cli/bin/dda.js')
  const { stdout, stderr, exitCode } = await execa(process.execPath, [bin, ...args, '--json'], {
    cwd,
    reject: false,
    timeout: 900_000,
  })
  try {
    return { exitCode, ...JSON.parse(stdout) }
  } catch {
    return { exitCode, ok: false, error: { code: 'no JSON', message: `${stdout}\n${stderr}`.trim().slice(-300) } }
  }
}
