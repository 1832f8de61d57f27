// Makes every template as a user would: the packed generator, from tarballs, each in an empty folder of its own outside the repository,
// installed there alone, run, then type-checked, linted and tested by its own scripts. Needs `npm run pack`.
//   node scripts/try-templates.mjs [TEMPLATE …]     default: all of them
//     --tarballs DIR     default: dist/tarballs
//     --node MAJOR       under the newest Node of that major, from the registry's package of its binary; default: the one that runs this
//     --scripts          let install scripts run; they may not be needed
//     --keep             leave the folders
// Prints wall and CPU seconds of each step. `project` alone is the way from `npm create` to the report of a trained policy.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './ensure-install.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tarballs: { type: 'string', default: join(root, 'dist/tarballs') },
    node: { type: 'string' },
    scripts: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const tarballs = resolve(values.tarballs)
const place = realpathSync(mkdtempSync(join(tmpdir(), 'dda-templates-')))
const bin = values.node === undefined ? dirname(process.execPath) : nodeOf(values.node)
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, npm_config_prefer_offline: 'true' }
const install = ['install', '--no-audit', '--no-fund', ...(values.scripts ? ['--ignore-scripts=false'] : [])]

/** What is run of each. Where servers are due, stand-ins of the configured plugins answer. */
const RUNS = {
  project: ['synthesize', 'curate', 'train', 'eval', 'report'].map((name) => ['npx', '--no-install', 'dda', name]),
  lab: [
    ['npm', 'run', 'doctor'],
    ['npm', 'run', 'baseline'],
  ],
  // Its policy wants weights and a GPU, and its benchmarks their data.
  paper: [
    ['npx', '--no-install', 'dda', 'synthesize', '--set', 'synthesize.count={train: 20, held-out: 5}'],
    ['npx', '--no-install', 'dda', 'plan-budget'],
  ],
}
const SERVERS = {
  lab: [
    ['editor', '8091'],
    ['judge', '8000'],
  ],
}

let failed = false
try {
  const generator = installGenerator()
  process.stdout.write(`Node ${run(place, 'node', ['--version']).stdout.trim()}, in ${place}\n`)
  for (const template of positionals.length > 0 ? positionals : templatesOf(generator))
    await tryOne(generator, template)
} catch (error) {
  failed = true
  process.stderr.write(`${error.message}\n`)
} finally {
  if (!values.keep) rmSync(place, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0

/** The generator and what it needs, as `npm create` puts them into a folder of npm's. */
function installGenerator() {
  const dir = join(place, 'generator')
  mkdirSync(dir)
  const files = readdirSync(tarballs).filter((name) => name.endsWith('.tgz'))
  const create = files.find((name) => /^create-dda-thinker-\d/.test(name))
  if (create === undefined) throw new Error(`${tarballs} holds no create-dda-thinker: npm run pack`)
  const named = files
    .filter((name) => name.startsWith('dda-thinker-'))
    .map((name) => [name.replace(/^dda-thinker-(.*)-\d.*$/, '@dda-thinker/$1'), `file:${join(tarballs, name)}`])
  const dependencies = { 'create-dda-thinker': `file:${join(tarballs, create)}` }
  writeFileSync(
    join(dir, 'package.json'),
    JSON.stringify({ private: true, dependencies, overrides: Object.fromEntries(named) }),
  )
  step('generator', dir, ['npm', ...install])
  return join(dir, 'node_modules/.bin/create-dda-thinker')
}

function templatesOf(generator) {
  const { stdout } = run(place, generator, ['--help'])
  return /--template NAME\s+(.*)/.exec(stdout)[1].split(', ')
}

async function tryOne(generator, template) {
  const dir = join(place, `my-${template}`)
  const spent = [step(template, place, [generator, dir, '--template', template, '--from', tarballs, '--yes'])]
  spent.push(step(template, dir, ['npm', ...install]))
  await runIt(template, dir, spent)
  const soFar = took(spent)
  const { scripts = {} } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
  if (scripts.lint !== undefined) spent.push(step(template, dir, ['npx', '--no-install', 'tsc', '--noEmit']))
  for (const name of ['lint', 'test', 'build', 'example']) {
    if (scripts[name] !== undefined) spent.push(step(template, dir, ['npm', 'run', name]))
  }
  const report = ['report/report.html'].filter((file) => existsSync(join(dir, file)))
  process.stdout.write(
    `${template.padEnd(20)} in all ${took(spent)}; of it until it had run ${soFar} ${report.join()}\n`,
  )
}

/** The first thing that a user has of it. */
async function runIt(template, dir, spent) {
  const servers = await Promise.all((SERVERS[template] ?? []).map(([kind, port]) => standIn(dir, kind, port)))
  try {
    for (const command of RUNS[template] ?? []) spent.push(step(template, dir, command))
  } finally {
    await Promise.all(servers.map((stop) => stop()))
  }
}

function took(steps) {
  const sum = (key) => steps.reduce((all, one) => all + one[key], 0).toFixed(0)
  return `${sum('wall')} s, CPU ${sum('cpu')} s`
}

async function standIn(dir, kind, port) {
  const child = spawn('npx', ['--no-install', 'dda', 'fake', kind, '--port', port], {
    cwd: dir,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const gone = once(child, 'close')
  let said = ''
  await new Promise((up, down) => {
    child.stderr.on('data', (data) => {
      said += data
      if (said.includes('is up')) up()
    })
    void gone.then(() => down(new Error(`dda fake ${kind} ended: ${said}`)))
  })
  return async () => {
    process.kill(-(child.pid ?? 0), 'SIGINT')
    await gone
  }
}

/** Runs to a good end and prints what it took. */
function step(what, cwd, command) {
  const started = performance.now()
  const { cpu } = run(cwd, command[0], command.slice(1))
  const wall = (performance.now() - started) / 1000
  const shown = command.map((word) => word.replace(`${place}/`, '')).join(' ')
  process.stdout.write(
    `${what.padEnd(20)} ${wall.toFixed(1).padStart(7)} s  CPU ${cpu.toFixed(1).padStart(6)} s  ${shown}\n`,
  )
  return { wall, cpu }
}

/** The shell's `times` says what its children used: user and system time, as minutes and seconds. */
function run(cwd, command, args) {
  const script = '"$@"; status=$?; times >&3; exit $status'
  const done = spawnSync('sh', ['-c', script, 'sh', command, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 27,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  if (done.error !== undefined) throw done.error
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} in ${cwd} ended with ${done.status}:\n${done.stdout}\n${done.stderr}`)
  }
  const [, children = ''] = done.output[3].trim().split('\n')
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((all, [, m, s]) => all + 60 * Number(m) + Number(s), 0)
  return { stdout: done.stdout, cpu }
}

function nodeOf(major) {
  const dir = join(place, 'node')
  mkdirSync(dir)
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const args = ['install', '--prefix', dir, '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${major}`]
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Node ${major} is not to be had: ${stderr}`)
  return join(dir, 'node_modules', name, 'bin')
}
