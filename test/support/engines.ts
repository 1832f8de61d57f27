// The trainers of others, as far as an environment has them, and what they ask: a project and its `dda serve`.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Sample } from '@dda-thinker/plugin-api'
import { execa, execaSync } from 'execa'
import { ended, ensureBuilt, envelope, root, startDda, temporaryFolder } from './dda.ts'
import { ddaHere } from './in-process.ts'

const FOLDER = process.env['ENGINES_VENV'] ?? join(root, '.venv-engines')
const PYTHON = join(FOLDER, 'bin/python')

/** Interpreter of the environment. */
export const enginePython = PYTHON

/** Versions by package; a trainer that is not installed has none. */
export const engines: Readonly<Partial<Record<'trl' | 'verl' | 'openrlhf' | 'ray', string>>> = versions()

function versions(): Record<string, string> {
  if (!existsSync(PYTHON)) return {}
  const code = `
import importlib.metadata as m, json
print(json.dumps({d.metadata["Name"]: d.version for d in m.distributions() if d.metadata["Name"] in ("trl", "verl", "openrlhf", "ray")}))`
  const { stdout, failed } = execaSync(PYTHON, ['-c', code], { reject: false })
  return failed ? {} : (JSON.parse(stdout) as Record<string, string>)
}

/** The tabletop with an Editor that is out of order for plans that remove something, and its service. */
export interface Serving {
  readonly dir: string
  readonly url: string
  readonly samples: readonly Sample[]
  /** Ends the service; gives what it says. */
  end(): Promise<{ readonly rollouts: number }>
}

export async function servingProject(): Promise<Serving> {
  ensureBuilt('every')
  const dir = temporaryFolder()
  writeFileSync(
    join(dir, 'dda.config.yaml'),
    `name: engines
seed: 3
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: 24, held-out: 4 } }
editor: { use: '${join(root, 'test/fixtures/engines/flaky-editor.mjs')}' }
judge: [{ use: tabletop }]
reward: { use: dual-atomic }
`,
  )
  const made = await ddaHere(dir, 'synthesize')
  if (made.exitCode !== 0) throw new Error(JSON.stringify(made.error))
  const samples = readFileSync(join(dir, 'data/samples.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample)
  const child = startDda(dir, ['serve', '--port', '0', '--name', 'served', '--json'])
  let said = ''
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()))
  const end = ended(child)
  while (!said.includes(' is up')) {
    await once(child.stderr as NodeJS.ReadableStream, 'data')
    if (child.exitCode !== null) throw new Error(said)
  }
  return {
    dir,
    url: /http:\/\/[^\s/]+/.exec(said)?.[0] ?? '',
    samples,
    async end() {
      child.kill('SIGINT')
      const ran = await end
      return envelope(ran).data as { readonly rollouts: number }
    },
  }
}

/** Runs a script of test/engines against the service; what it prints last, as JSON. */
export async function runEngine(script: string, { url }: Pick<Serving, 'url'>, args: readonly string[]) {
  const { stdout, stderr, exitCode } = await execa(PYTHON, [join(root, 'test/engines', script), ...args], {
    env: engineEnv(url),
    reject: false,
    stdin: 'ignore',
  })
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}: ${stderr.slice(-3000)}`)
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as ReturnType<typeof JSON.parse>
}

/** That every Ray of these tests asks for. */
export const rayToken = 'a-token-for-the-tests-of-engines'

/** What a trainer runs in: our client on its path, no tracker, no download. */
export function engineEnv(url: string): Record<string, string> {
  return {
    PYTHONPATH: [join(root, 'python/dda-reward'), join(root, 'test/engines')].join(delimiter),
    DDA_REWARD_URL: url,
    HF_HUB_OFFLINE: '1',
    HF_DATASETS_DISABLE_PROGRESS_BARS: '1',
    WANDB_MODE: 'disabled',
    RAY_USAGE_STATS_ENABLED: '0',
    // Whether or not there is one in the home folder, which Ray would take.
    RAY_AUTH_MODE: 'token',
    RAY_AUTH_TOKEN: rayToken,
    RAY_DASHBOARD_STARTUP_TIMEOUT_S: '600',
    RAY_DASHBOARD_SUBPROCESS_MODULE_WAIT_READY_TIMEOUT: '600',
    // Threads that wait for each other on a busy machine cost more than they bring to models as small as these.
    OMP_NUM_THREADS: '1',
  }
}

/** Path of a program of the environment. */
export function engineProgram(name: string): string {
  return join(FOLDER, 'bin', name)
}

/** Tells `npm run test:engines` what to write into docs/compatibility.md. */
export function recordRow(software: string, version: string | undefined, result: string, set: string): void {
  const file = process.env['ENGINES_ROWS']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ software, version, result, set, ok: true })}\n`)
}

/** One that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
