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
      'Done, but more rollouts were masked than tolerated (`--max-masked`), or all of a step. The same command continues.',
  },
  { code: 130, name: 'interrupted', meaning: 'Stopped by Ctrl-C or SIGTERM. The same command continues.' },
] as const

export type ExitName = (typeof EXIT_CODES)[number]['name']
export type ExitCode = (typeof EXIT_CODES)[number]['code']

export function exitCode(name: ExitName): ExitCode {
  return EXIT_CODES.find((row) => row.name === name)?.code ?? 3
}

/** Error codes that are the user's to put right before anything can run. */
const USAGE = [
  /^DDA_USAGE/,
  /^DDA_CONFIG_/,
  /^DDA_SLOT_/,
  /^DDA_HOOK_/,
  /^DDA_INIT_/,
  /^DDA_CHECKLIST_/,
  /^DDA_PLUGIN_(NOT_FOUND|INVALID|KIND|API_VERSION|DUPLICATE|SCHEMA)$/,
  /^DDA_DATA_(MISSING|STALE)$/,
  /^DDA_RUN_(UNKNOWN|MISSING|CONFIG_CHANGED)$/,
  /^DDA_NO_/,
  /^DDA_(TRAINER_OPTIONS|REWARD_WEIGHTS|JUDGE_SCOPE_UNCOVERED|RUN_NO_CHECKPOINT)$/,
  /_UNSUPPORTED$/,
]

/** The exit status that an error code leads to. */
export function exitCodeOf(code: string): ExitCode {
  if (code === 'DDA_STEP_ALL_MASKED') return exitCode('partial')
  if (code.startsWith('DDA_BUDGET_')) return exitCode('budget')
  if (code === 'DDA_INTERRUPTED' || code === 'DDA_ABORTED') return exitCode('interrupted')
  return exitCode(USAGE.some((pattern) => pattern.test(code)) ? 'usage' : 'failure')
}
