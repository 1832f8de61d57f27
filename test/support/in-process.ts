import { main } from '../../packages/cli/src/index.ts'
import type { Parsed } from './dda.ts'

/**
 * The command line in this process, on sources: for tests with many commands. Gives the envelope, after checking that it
 * and the exit status agree.
 */
export async function ddaHere(cwd: string, ...args: readonly string[]): Promise<Parsed> {
  const { code, stdout, stderr } = await runHere([...args, '--json', '--cwd', cwd])
  const result = JSON.parse(stdout)
  if (result.exitCode !== code) throw new Error(`dda ${args.join(' ')} gave ${code}: ${stderr}`)
  return { ...result, stderr }
}

/** The same without `--json`: what people read. */
export async function ddaText(cwd: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runHere([...args, '--cwd', cwd])
  if (code !== 0) throw new Error(`dda ${args.join(' ')} gave ${code}: ${stderr}`)
  return stdout
}

/** The same, whatever came of it: what people read on either stream. */
export function ddaSaid(cwd: string, ...args: readonly string[]) {
  return runHere([...args, '--cwd', cwd])
}

async function runHere(args: readonly string[]) {
  const said = { stdout: '', stderr: '' }
  const stderr = {
    isTTY: false,
    columns: 100,
    write: (text: string) => {
      said.stderr += text
      return true
    },
  } as unknown as NodeJS.WriteStream
  const stdout = (text: string) => void (said.stdout += text)
  const code = await main(args, { stdout, stderr })
  return { code, ...said }
}
