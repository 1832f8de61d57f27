import { type ErrorExit, isDdaError } from '@dda-thinker/plugin-api'

/** What the exit status of `dda` means; docs/reference/exit-codes.md is made from this table. */
export const EXIT_CODES = [
  { code: 0, name: 'ok', meaning: 'Done.' },
  {
    code: 1,
    name: 'below',
    meaning:
      'Done, but a result is below a threshold that was asked for (`--min-solved`), or `dda data validate` found bad rows.',
  },
  { code: 2, name: 'usage', meaning: 'The command line or the configuration is wrong. Nothing was run.' },
  {
    code: 3,
    name: 'failure',
    meaning:
      'Something outside the configuration failed: a plugin, a service, a file, the disk, the machine. What was done is kept. Where the error has a `continue`, the run is `stopped` (no credit, a refused key, a service that is down, a full disk): put right what `next` says, and that command continues it.',
  },
  {
    code: 4,
    name: 'budget',
    meaning: 'A budget was used up (`budget` in the config, `--max-seconds`). Raise it; the same command continues.',
  },
  {
    code: 5,
    name: 'partial',
    meaning:
      'Done, but more rollouts were masked than tolerated (`--max-masked`), or all of a step; or samples could not be measured, so nothing was curated. The same command continues.',
  },
  { code: 130, name: 'interrupted', meaning: 'Stopped by Ctrl-C or SIGTERM. The same command continues.' },
] as const

export type ExitName = (typeof EXIT_CODES)[number]['name']
export type ExitCode = (typeof EXIT_CODES)[number]['code']

export function exitCode(name: ExitName): ExitCode {
  return EXIT_CODES.find((row) => row.name === name)?.code ?? 3
}

/** The exit status of a command that this ends: what the error's table says, `failure` for anything else. */
export function exitCodeOf(error: unknown): ExitCode {
  // An error of another copy of the contract, of a time before exit statuses, has none.
  const exit = isDdaError(error) ? (error.exit as ErrorExit | undefined) : undefined
  return exitCode(exit ?? 'failure')
}
