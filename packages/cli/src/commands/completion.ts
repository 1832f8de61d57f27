import { type CommandSpec, text } from '../terminal/command.ts'
import { completionScript, SHELLS } from '../terminal/completion.ts'
import { SHARED_OPTIONS } from '../terminal/shared-options.ts'

export const completion: CommandSpec = {
  name: 'completion',
  summary: 'Print a script that completes commands and options in bash, zsh or fish.',
  details:
    'A shell completes the command `dda`, and not what follows `npx`: put the folder node_modules/.bin of a project on the PATH,\n' +
    'and type `dda` there.',
  options: [{ flags: '--shell <shell>', description: 'For which shell.', choices: SHELLS, default: 'bash' }],
  examples: [
    ['dda completion > ~/.local/share/bash-completion/completions/dda', 'for every new bash'],
    ['dda completion --shell zsh > ~/.zfunc/_dda', 'for every new zsh, where ~/.zfunc is in $fpath'],
    ['dda completion --shell fish > ~/.config/fish/completions/dda.fish', 'for every new fish'],
  ],
  async run(_context, _args, options) {
    const { COMMANDS } = await import('./index.ts')
    const shell = SHELLS.find((one) => one === text(options, 'shell')) ?? 'bash'
    const script = completionScript(shell, COMMANDS, SHARED_OPTIONS)
    return { exitCode: 0, data: { script }, text: script }
  },
}
