import type { Streams } from './output.ts'

/** The process's own streams, which outlive whoever reads them. */
export interface StandardStreams extends Streams {
  /** When all is written: why standard output could not take it, undefined where it did or where its reader had seen enough. */
  written(): Promise<Error | undefined>
}

/**
 * A reader that leaves (`dda runs | head`, a terminal that is closed) or a log on a full disk is no reason to end a command under way: Node
 * would throw out of the middle of it. What a script waits for, on standard output, is told when it cannot be written.
 */
export function standardStreams({
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): StandardStreams {
  let broken: NodeJS.ErrnoException | undefined
  stdout.on('error', (error) => (broken ??= error))
  stderr.on('error', () => undefined)
  return {
    stdout: (text) => void stdout.write(text),
    stderr,
    async written() {
      await new Promise((resolve) => stdout.write('', resolve))
      if (broken === undefined || broken.code === 'EPIPE') return undefined
      const { fileError } = await import('@dda-thinker/store')
      return fileError(broken, 'write', 'standard output')
    },
  }
}
