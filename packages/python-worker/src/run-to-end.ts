import { execa } from 'execa'
import { LogTail } from './log-tail.ts'

export interface RunOptions {
  /** Told every line that the command writes. */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
}

/** Runs a command to the end; rejects with its last lines. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: RunOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const tail = new LogTail((line) => options.onLine?.(line), 12)
  const child = execa(command, args, {
    all: true,
    buffer: false,
    reject: false,
    stdin: 'ignore',
    env,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  })
  child.all.setEncoding('utf8').on('data', (text: string) => tail.push(text))
  const { failed, shortMessage } = await child
  tail.end()
  if (failed) throw new Error(tail.words === '' ? shortMessage : tail.words)
}
