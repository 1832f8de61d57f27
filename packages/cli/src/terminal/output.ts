import type { Colors } from './colors.ts'

/** Version of the envelope that `--json` prints. */
export const ENVELOPE_VERSION = 1

/** The error of a failed command, as `--json` prints it. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly location?: string
  readonly plugin?: string
  readonly hook?: string
  readonly stage?: string
  readonly sampleId?: string
  readonly next?: string
  /** Address of the page that explains the code. */
  readonly page?: string
  /** The command that continues the run once `next` is done, where an error stopped one. */
  readonly continue?: string
  /** All problems of a configuration. */
  readonly problems?: readonly unknown[]
  /** With `--debug` only. */
  readonly stack?: string
}

/** The one object that `--json` prints on standard output, whatever happened. */
export interface Envelope {
  readonly dda: typeof ENVELOPE_VERSION
  readonly command: string
  readonly ok: boolean
  readonly exitCode: number
  /** What the command found or made; its shape is the command's (docs/guide/cli.md). Absent after an error. */
  readonly data?: unknown
  readonly warnings: readonly string[]
  readonly error?: ErrorReport
}

/** What a command has to say at the end. */
export interface Outcome {
  readonly exitCode: number
  readonly data: unknown
  /** For people, on standard output, without `--json`. */
  readonly text: string
}

/** Standard streams as commands use them; replaced in tests. */
export interface Streams {
  readonly stdout: (text: string) => void
  readonly stderr: NodeJS.WriteStream
}

/** What every command gets beside its own options. */
export interface Context {
  readonly command: string
  /** The whole command line, without the interpreter and the script. */
  readonly argv: readonly string[]
  /** Absolute. */
  readonly cwd: string
  readonly config: string | undefined
  readonly set: readonly string[]
  readonly json: boolean
  readonly debug: boolean
  /** Warnings and errors alone on standard error. */
  readonly quiet: boolean
  readonly colors: Colors
  readonly streams: Streams
  /** May the status block be redrawn in place? */
  readonly interactive: boolean
  /** Shown on standard error and kept for the envelope. */
  warn(message: string): void
}
