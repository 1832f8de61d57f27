import type { OptionSpec } from './command.ts'

/** Options that every command takes. */
export const SHARED_OPTIONS: readonly OptionSpec[] = [
  { flags: '--cwd <dir>', description: 'Work as if started in this folder.' },
  { flags: '-c, --config <file>', description: 'The configuration file; found in this folder or above otherwise.' },
  {
    flags: '-s, --set <key=value>',
    description: 'Override one value of the configuration. Repeatable.',
    repeatable: true,
  },
  { flags: '--json', description: 'Print one JSON object on standard output; everything else goes to standard error.' },
  { flags: '--quiet', description: 'Warnings and errors alone on standard error: neither status nor progress.' },
  { flags: '--debug', description: 'Show stack traces and debug messages.' },
  { flags: '--no-color', description: 'Plain text, as with NO_COLOR.' },
]
