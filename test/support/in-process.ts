import { main } from '../../packages/cli/src/index.ts'
import type { Parsed } from './dda.ts'

/**
 * The command line in this process, on sources: for tests with many commands. Gives the envelope, after checking that it
 * and the exit status agree.
 */
export async function ddaHere(cwd: string, ...args: readonly string[]): Promise<Parsed> {
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
  const code = await main([...args, '--json', '--cwd', cwd], { stdout, stderr })
  const result = JSON.parse(said.stdout)
  if (result.exitCode !== code) throw new Error(`dda ${args.join(' ')} gave ${code}: ${said.stderr}`)
  return { ...result, stderr: said.stderr }
}
