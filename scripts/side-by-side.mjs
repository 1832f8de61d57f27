// Runs commands next to each other and shows each one's output in one piece when it ends, so that none is torn by another's.
import { spawn } from 'node:child_process'
import { root } from './ensure-install.mjs'

/**
 * @param {readonly { name: string, command: readonly string[], env?: Record<string, string> }[][]} lanes steps of a lane run one
 *   after another, with the variables of this process and their own
 * @param {Promise<unknown>} [free] outputs wait for it: whoever has the screen until then keeps it
 * @returns {{ ended: Promise<string[]>, shown: Promise<void> }} when all lanes have ended, the names of the steps that failed; what
 *   follows a failed step in its lane is not run and is named too. And when every output is shown
 */
export function sideBySide(lanes, free) {
  const shown = []
  const show = (output) => shown.push(Promise.resolve(free).then(() => process.stdout.write(output)))
  const ended = Promise.all(lanes.map((steps) => runLane(steps, show))).then((failed) => failed.flat())
  return { ended, shown: ended.then(() => Promise.all(shown)).then(() => undefined) }
}

async function runLane(steps, show) {
  let ran = 0
  let passed = true
  while (passed && ran < steps.length) {
    const { ended, output } = await runStep(steps[ran])
    show(output)
    passed = ended === 0
    if (passed) ran += 1
  }
  return steps.slice(ran).map(({ name }) => name)
}

async function runStep({ name, command: [file, ...args], env }) {
  const begun = performance.now()
  const output = []
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data))
  const ended = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? code))
  })
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  const verdict = ended === 0 ? 'passed' : `FAILED (${ended})`
  return { ended, output: Buffer.concat([Buffer.from(`\n── ${name}: ${verdict}, ${seconds} s\n`), ...output]) }
}
