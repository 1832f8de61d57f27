// Runs commands next to each other and shows each one's output in one piece when it ends, so that none is torn by another's.
import { spawn } from 'node:child_process'
import { root } from './ensure-install.mjs'

/**
 * @param {readonly { name: string, command: readonly string[] }[][]} lanes steps of a lane run one after another
 * @returns {Promise<string[]>} the names of the steps that failed, after all lanes have ended; what follows a failed step in
 *   its lane is not run and is named too
 */
export async function sideBySide(lanes) {
  return (await Promise.all(lanes.map(runLane))).flat()
}

async function runLane(steps) {
  for (const [index, step] of steps.entries()) {
    if (!(await runStep(step))) return steps.slice(index).map(({ name }) => name)
  }
  return []
}

async function runStep({ name, command: [file, ...args] }) {
  const begun = performance.now()
  const output = []
  const child = spawn(file, args, {
    cwd: root,
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
  process.stdout.write(Buffer.concat([Buffer.from(`\n── ${name}: ${verdict}, ${seconds} s\n`), ...output]))
  return ended === 0
}
