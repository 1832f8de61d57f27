import { execa } from 'execa'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { venvPython } from '@dda-thinker/python-worker'
import { describe, expect, test, vi } from 'vitest'
import { ensureBuilt, type Parsed, root, temporaryFolder } from './support/dda.ts'
import { python, withoutPython } from './support/tiny-torch.ts'
import { coldVenv } from './support/warm-python.ts'

const GUARD = join(root, 'bench/torch/guard.py')
/** Given to what is started here, and so to all that this starts, by which it is found. */
const MARK = 'DDA_TEST_FIGURES'
const WAIT = { timeout: 120_000, interval: 50 }

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')

interface Beginning {
  readonly env?: Readonly<Record<string, string>>
  /** In a group of its own, to be killed whole. */
  readonly detached?: boolean
}

function begin(figures: readonly string[], folder: string, interpreter: string, { env, detached }: Beginning = {}) {
  const settings = { SMOKE: '1', PYTHON: interpreter, [MARK]: folder, CUDA_VISIBLE_DEVICES: '', OMP_NUM_THREADS: '1' }
  return execa('bash', [join(root, 'bench/torch/all.sh'), join(folder, 'out'), ...figures], {
    env: { ...settings, ...env },
    reject: false,
    stdin: 'ignore',
    detached: detached === true,
  })
}

/** The command lines of what was started in that folder's name and runs. */
function running(folder: string): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return processes.flatMap((pid) => {
    try {
      const isOurs = read(`/proc/${pid}/environ`).split('\0').includes(`${MARK}=${folder}`)
      return isOurs ? [read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()] : []
    } catch {
      // It has ended meanwhile, or is somebody else's.
      return []
    }
  })
}

const gone = (folder: string) => vi.waitFor(() => expect(running(folder)).toEqual([]), WAIT)

const figuresIn = (folder: string): Parsed => JSON.parse(readFileSync(join(folder, 'out/all.json'), 'utf8')).figures

/**
 * An interpreter whose figures are words: update is measured, rollout fails, and suite waits, with a process in a group of its own,
 * until the folder has a file `mended`.
 */
function pretended(folder: string): string {
  const file = join(folder, 'python')
  writeFileSync(
    file,
    `#!/bin/sh
for json; do :; done
measure() { echo "$1" >>'${folder}/ran'; printf '{"device": "cpu", "MFU": null}' >"$json"; }
wait_forever() { echo 'waits for the device'; setsid sleep 600 & exec sleep 600; }
mended() { [ -e '${folder}/mended' ]; }
case $1 in
  bench/torch/update.py) measure update ;;
  bench/torch/rollout.py) if mended; then measure rollout; else echo 'RuntimeError: no kernel for this device' >&2; exit 3; fi ;;
  bench/torch/suite.py) if mended; then measure suite; else wait_forever; fi ;;
  -c) case $2 in *pytest*) ;; *) exit 1 ;; esac ;;
  *) exec '${venvPython(coldVenv())}' "$@" ;;
esac
`,
  )
  chmodSync(file, 0o755)
  return file
}

async function whenItWaits(script: ReturnType<typeof begin>, folder: string, end: (pid: number) => void) {
  const isSleep = (line: string): boolean => line === 'sleep 600'
  await vi.waitFor(() => expect(running(folder).filter(isSleep)).toHaveLength(2), WAIT)
  end(script.pid!)
  const ended = await script
  await gone(folder)
  return ended
}

// Processes are looked for where Linux tells of them.
describe.skipIf(python === undefined || process.platform !== 'linux')(
  `the script of the CUDA figures${withoutPython}`,
  () => {
    test('what was measured is kept and not measured again, however the script ends, and nothing goes on without it', async () => {
      const folder = temporaryFolder()
      const interpreter = pretended(folder)
      const run = (options?: Beginning) => begin(['update', 'rollout', 'step', 'suite'], folder, interpreter, options)
      const measured = { figures: { device: 'cpu', MFU: null } }

      const killed = await whenItWaits(run({ detached: true }), folder, (pid) => process.kill(-pid, 'SIGKILL'))
      expect(killed.signal).toBe('SIGKILL')
      const unfinished = {
        update: { status: expect.stringMatching(/^measured in \d+ s$/), ...measured },
        rollout: { status: 'failed with 3', figures: null, log: ['RuntimeError: no kernel for this device'] },
        step: { status: 'left out: trl and datasets are not installed', figures: null },
      }
      const atWork = { status: expect.stringMatching(/^running since .* cut, if the script is gone$/), figures: null }
      expect(figuresIn(folder)).toEqual({ ...unfinished, suite: atWork })

      const stopped = await whenItWaits(run(), folder, (pid) => process.kill(pid, 'SIGTERM'))
      expect(stopped.exitCode).toBe(130)
      expect(stopped.stdout).toContain('update: measured already')
      const cut = { status: 'cut', figures: null, log: ['waits for the device'] }
      expect(figuresIn(folder)).toEqual({ ...unfinished, suite: cut })

      writeFileSync(join(folder, 'mended'), '')
      const whole = await run()
      expect(whole.exitCode, whole.stderr).toBe(0)
      expect(figuresIn(folder)).toMatchObject({ update: measured, rollout: measured, suite: measured })
      expect(read(join(folder, 'ran'))).toBe('update\nrollout\nsuite\n')

      const elsewhere = await run({ env: { SMOKE: '' } })
      expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([2, expect.stringContaining('is not of cuda')])
      const unknown = await begin(['updaet'], folder, interpreter)
      expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('updaet is none of: update')])
      await gone(folder)
    })

    test('past its limit a command ends with what ignores that and what has left its group', async () => {
      const folder = temporaryFolder()
      const guarded = (seconds: string, script: string) =>
        execa(venvPython(coldVenv()), ['-IS', GUARD, String(process.pid), seconds, '0.2', 'sh', '-c', script], {
          env: { [MARK]: folder },
          reject: false,
        })
      const deaf = `trap '' TERM; setsid sleep 600 & sleep 600; sleep 600`
      const [own, late] = await Promise.all([guarded('100', 'echo said; exit 7'), guarded('1', deaf)])
      expect([own.exitCode, own.stdout, late.exitCode]).toEqual([7, 'said', 124])
      expect(running(folder)).toEqual([])
    })

    test(
      'its small form measures every figure on the CPU, and no number stands for what only a device has',
      { timeout: 600_000 },
      async () => {
        ensureBuilt('every')
        const folder = temporaryFolder()
        const ran = await begin([], folder, python!)
        expect(ran.exitCode, ran.stderr).toBe(0)
        const { update, rollout, step, tabletop, suite } = figuresIn(folder)
        const onCpu = { device: 'cpu', machine: expect.stringContaining('torch') }
        const positive = expect.toSatisfy((value: number) => value > 0)
        expect(update.figures).toMatchObject({ ...onCpu, 'tokens/s': positive, MFU: null, 'peak memory GiB': null })
        expect(read(join(folder, 'out/update.log'))).toContain('expected peak memory')
        expect(rollout.figures).toMatchObject({ ...onCpu, 'ours, tokens/s': positive, 'generate, tokens/s': positive })
        expect([step.status, step.figures]).toEqual(
          step.figures === null
            ? [expect.stringContaining('left out: trl'), null]
            : [expect.anything(), expect.objectContaining(onCpu)],
        )
        expect(tabletop.figures).toMatchObject({
          device: 'cpu',
          size: 'tiny',
          'imitation steps': 2,
          'PPO steps': 2,
          'rollouts a step': 4,
        })
        expect(tabletop.figures).toMatchObject({ 'imitation loss, last': positive, 'seconds of an update': positive })
        expect(suite.figures).toMatchObject({ ...onCpu, passed: positive, broken: [] })
        expect(JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{'))).packages.torch).toMatch(/^\d/)
      },
    )
  },
)
