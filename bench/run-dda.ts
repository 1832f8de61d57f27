import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const bin = fileURLToPath(new URL('../packages/cli/bin/dda.js', import.meta.url))

/** `--set` before each of some `key=value`. */
export function sets(pairs: readonly string[]): string[] {
  return pairs.flatMap((pair) => ['--set', pair])
}

/** Runs a command as a user would, and tells which. What it says on the way is shown; a failure ends the benchmark. */
export async function dda(cwd: string, args: readonly string[]): Promise<void> {
  process.stderr.write(`dda ${args.join(' ')}\n`)
  await execa(process.execPath, [bin, ...args], { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}
