import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestFunction } from './harness.ts'

/** What `dda fake` can stand in for. */
export type StandInKind = 'editor' | 'thinker' | 'judge'

export interface ProjectSuiteOptions {
  readonly test: TestFunction
  /** Absolute path of the project's folder, which holds its configuration and its own `dda`. */
  readonly dir: string
  /** `key=value` as `--set` takes it, for every command: what makes the run a tiny one. */
  readonly set?: readonly string[]
  /** Servers that `dda fake` stands in for, and the `--set` values that lead to each. Default: none. */
  readonly standIns?: Partial<Readonly<Record<StandInKind, (url: string) => readonly string[]>>>
  /** Commands with their arguments, in turn. No rollout of an evaluation may be masked. */
  readonly commands: readonly (readonly string[])[]
}

/** What `--json` prints, as far as it is read here. */
interface Envelope {
  readonly ok: boolean
  readonly exitCode: number
  readonly data?: {
    readonly thinkers?: Readonly<Record<string, { readonly masked?: number; readonly samples?: number }>>
  }
  readonly error?: { readonly message: string; readonly next?: string }
}

/**
 * Registers the conformance tests of a project: its configuration is sound, and a tiny run of it goes through, with stand-ins for
 * its servers. Data and runs of the project are left alone: these go into a temporary folder.
 */
export function projectSuite({ test, dir, set = [], standIns = {}, commands }: ProjectSuiteOptions): void {
  test('the configuration is sound', async () => {
    await run(dir, ['config', 'check'])
  })

  test('a tiny run goes through, masks nothing, and typed again gives the same', async () => {
    assert.ok(commands.length > 0, 'name at least one command')
    const place = await mkdtemp(join(tmpdir(), 'dda-project-'))
    const servers: StandIn[] = []
    try {
      const settings = [`data.dir=${join(place, 'data')}`, `runs.dir=${join(place, 'runs')}`, ...set]
      for (const [kind, lead] of Object.entries(standIns)) {
        const server = await startStandIn(dir, kind)
        servers.push(server)
        settings.push(...lead(server.url))
      }
      const all = async () => {
        const said: Envelope[] = []
        for (const command of commands)
          said.push(await run(dir, [...command, ...settings.flatMap((one) => ['--set', one])]))
        return said
      }
      const first = await all()
      for (const [thinker, { masked, samples }] of first.flatMap(({ data }) => Object.entries(data?.thinkers ?? {}))) {
        assert.notEqual(samples, 0, `${thinker}: nothing was evaluated`)
        assert.equal(masked ?? 0, 0, `${thinker}: rollouts were masked`)
      }
      assert.deepEqual(thinkersOf(await all()), thinkersOf(first), 'the same commands again give the same')
    } finally {
      await Promise.all(servers.map(({ close }) => close()))
      await rm(place, { recursive: true, force: true })
    }
  })
}

function thinkersOf(said: readonly Envelope[]): readonly unknown[] {
  return said.map(({ data }) => data?.thinkers)
}

/** Runs the project's own `dda` to a good end. */
async function run(dir: string, args: readonly string[]): Promise<Envelope> {
  const child = startDda(dir, [...args, '--json'])
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()))
  await once(child, 'close')
  const what = `dda ${args.join(' ')}`
  const envelope = readEnvelope(stdout)
  assert.ok(envelope !== undefined, `${what} printed no JSON: ${stdout}\n${stderr}`)
  const { ok, exitCode, error } = envelope
  assert.ok(ok, `${what} ended with ${exitCode}: ${error?.message ?? stderr}\n${error?.next ?? ''}`)
  return envelope
}

function readEnvelope(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope
  } catch {
    return undefined
  }
}

interface StandIn {
  readonly url: string
  readonly close: () => Promise<void>
}

async function startStandIn(dir: string, kind: string): Promise<StandIn> {
  const child = startDda(dir, ['fake', kind])
  const gone = once(child, 'close')
  let said = ''
  const url = await new Promise<string>((up, down) => {
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString()
      const found = /(http:\/\/\S+) is up/.exec(said)?.[1]
      if (found !== undefined) up(found)
    })
    void gone.then(() => down(new assert.AssertionError({ message: `dda fake ${kind} ended: ${said}` })))
  })
  return {
    url,
    async close() {
      child.kill('SIGINT')
      await gone
    },
  }
}

/** By the running Node, not by a shell: `npx` would ask a registry where the package is missing. */
function startDda(dir: string, args: readonly string[]): ChildProcess {
  // A runner of tests may speak to its children by variables that change what they do.
  const { NODE_OPTIONS: _options, ...env } = process.env
  return spawn(process.execPath, [binOf(dir), ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function binOf(dir: string): string {
  const { resolve } = createRequire(join(dir, 'package.json'))
  try {
    return join(dirname(resolve('@dda-thinker/cli/package.json')), 'bin/dda.js')
  } catch (cause) {
    assert.ok(existsSync(dir), `${dir} is not there`)
    throw new Error(`${dir} has no @dda-thinker/cli: npm install`, { cause })
  }
}
