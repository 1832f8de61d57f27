import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const bin = join(root, 'packages/cli/bin/dda.js')

export interface Ran {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Starts the real binary as a user would, away from this process's own settings. */
export function startDda(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...plainEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function plainEnv(): NodeJS.ProcessEnv {
  const { NO_COLOR: _plain, FORCE_COLOR: _colour, ...env } = process.env
  return env
}

/** {@link startDda}, to its end. */
export async function dda(
  cwd: string,
  args: readonly string[],
  options: { readonly sigintAfter?: RegExp; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const child = startDda(cwd, args, options.env)
  let sent = false
  return ended(child, (stderr) => {
    if (sent || options.sigintAfter?.test(stderr) !== true) return
    sent = true
    child.kill('SIGINT')
  })
}

/** Waits for the end of a process. @param onStderr is told everything it has said so far, each time it says more */
export async function ended(child: ChildProcess, onStderr?: (stderr: string) => void): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString()
    onStderr?.(stderr)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? undefined, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() }
}

/** What `JSON.parse` gives: tests look into it freely. */
export type Parsed = ReturnType<typeof JSON.parse>

/** The envelope of a `--json` run; throws where standard output is not exactly one line of JSON. */
export function envelope(ran: Ran): Parsed {
  if (ran.stdout.split('\n').length !== 1) throw new Error(`Not one line: ${ran.stdout}`)
  return JSON.parse(ran.stdout)
}

/** {@link dda} with `--json`: the envelope, after checking that it and the process agree on the exit status. */
export async function ddaJson(cwd: string, ...args: readonly string[]): Promise<Parsed> {
  const ran = await dda(cwd, [...args, '--json'])
  const result = ran.stdout === '' ? { exitCode: undefined } : envelope(ran)
  if (result.exitCode !== ran.code) throw new Error(`dda ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}`)
  return result
}

/** An empty folder outside the repository, by its real path. */
export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'dda-test-')))
}

/** A temporary copy of the tiny project, beside an installed plugin API. */
export function tinyProject(): { readonly dir: string; readonly remove: () => void } {
  const dir = temporaryFolder()
  cpSync(join(root, 'test/cli/project'), dir, { recursive: true })
  installPluginApi(dir)
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** As `npm install` leaves it in a project whose plugins have the plugin API for a peer. */
export function installPluginApi(dir: string): void {
  mkdirSync(join(dir, 'node_modules/@dda-thinker'), { recursive: true })
  symlinkSync(join(root, 'packages/plugin-api'), join(dir, 'node_modules/@dda-thinker/plugin-api'), 'junction')
}

const WORLD = ['packages/tabletop-world', 'plugins/tabletop', 'plugins/editor-sketch', 'plugins/thinker-none']
const BUILDS = {
  cli: [
    'packages/plugin-api',
    'packages/store',
    'packages/config',
    'packages/evaluation',
    'packages/core',
    'packages/data-files',
    'packages/runs',
    'packages/report',
    'packages/scaffold',
    'packages/cli',
    'plugins/reward-dual-atomic',
  ],
  world: [...WORLD, 'plugins/trainer-onnx'],
  canary: ['plugins/plugin-canary'],
}

/** Compiles what the command line runs from where sources are newer than its build, as `npm test` has done already. */
export function ensureBuilt(...also: readonly ('world' | 'canary' | 'every')[]): void {
  const folders = [...BUILDS.cli, ...also.flatMap((name) => (name === 'every' ? everyPackage() : BUILDS[name]))]
  const stale = folders.filter((folder) => {
    const dist = join(root, folder, 'dist')
    const code = ['main.js', 'index.js'].find((name) => existsSync(join(dist, name))) ?? 'index.js'
    const changed = newest(join(root, folder, 'src'))
    const isCurrent = (file: string) => (statSync(join(dist, file), { throwIfNoEntry: false })?.mtimeMs ?? 0) >= changed
    // Declarations are from `npm run build`, which writes those that changed, or from `npm test` (scripts/declarations.mjs), which writes all.
    return !isCurrent(code) || ![code.replace(/js$/, 'd.ts'), '.tsbuildinfo'].some(isCurrent)
  })
  if (stale.length > 0) spawnSync('npm', ['run', '--silent', 'build', '--', ...stale], { cwd: root })
}

function everyPackage(): readonly string[] {
  return ['packages', 'plugins'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'tsconfig.build.json'))),
  )
}

function newest(dir: string): number {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) => !file.endsWith('.test.ts'))
  return Math.max(...files.map((file) => statSync(join(dir, file)).mtimeMs))
}
