import { keepSecret } from '@dda-thinker/plugin-api'
import { list, number, type OptionSpec, type OptionValues, text } from './command.ts'
import type { Context } from './output.ts'

const HOST = '127.0.0.1'

/** How a command that serves over HTTP listens. */
export interface Listening {
  readonly host: string
  readonly port: number
  /** Other names that it may be called by. */
  readonly hosts: readonly string[]
  readonly token: string | undefined
  readonly onError: (error: unknown) => void
}

/**
 * Options of a command that serves over HTTP, {@link listening} reads them.
 *
 * @param port where none is given
 * @param callers who may call it by another name
 */
export function listeningOptions(port: number, callers: string): readonly OptionSpec[] {
  return [
    { flags: '--host <address>', description: 'Address to listen on.', default: HOST },
    {
      flags: '--port <number>',
      type: 'integer',
      most: 65_535,
      description: 'Port; 0 takes one that is free.',
      default: String(port),
    },
    { flags: '--allow-host <name>', repeatable: true, description: `Another name that ${callers} may call it by.` },
  ]
}

/**
 * @param port where none is given
 * @param variable where the token is looked for: on the command line everybody on the machine could read it
 */
export function listening(context: Context, options: OptionValues, port: number, variable: string): Listening {
  const token = process.env[variable]
  if (token !== undefined) keepSecret(variable, token)
  return {
    host: text(options, 'host') ?? HOST,
    port: number(options, 'port') ?? port,
    hosts: list(options, 'allowHost'),
    token,
    onError: warnOf(context),
  }
}

/** Errors of requests, as warnings. */
export function warnOf(context: Context): (error: unknown) => void {
  return (error) => context.warn(error instanceof Error ? error.message : String(error))
}
