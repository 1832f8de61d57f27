import type { CommandSpec } from '../terminal/command.ts'
import { bashCompletion } from '../terminal/completion.ts'
import { SHARED_OPTIONS } from '../terminal/shared-options.ts'

export const completion: CommandSpec = {
  name: 'completion',
  summary: 'Print a script that completes commands and options in bash.',
  options: [],
  examples: [['dda completion > ~/.local/share/bash-completion/completions/dda', 'for every new shell']],
  async run() {
    const { COMMANDS } = await import('./index.ts')
    const script = bashCompletion(COMMANDS, SHARED_OPTIONS)
    return { exitCode: 0, data: { script }, text: script }
  },
}
