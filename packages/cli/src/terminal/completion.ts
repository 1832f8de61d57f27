import type { CommandSpec, OptionSpec } from './command.ts'

/**
 * A script that completes commands, their groups and their options in bash; values of `--cwd` and `--config` are paths.
 *
 * @param shared options that every command takes
 */
export function bashCompletion(commands: readonly CommandSpec[], shared: readonly OptionSpec[]): string {
  const groups = new Map<string, string[]>([['', []]])
  for (const { name } of commands) {
    const [first = name, second] = name.split(' ')
    const top = groups.get('') ?? []
    if (!top.includes(first)) top.push(first)
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), second])
  }
  const cases = [
    ...[...groups].map(([group, words]) => [group === '' ? '' : ` ${group}`, words] as const),
    ...commands.map(({ name, options = [] }) => [` ${name}*`, [...options, ...shared].flatMap(names)] as const),
  ].map(([path, words]) => `    ${pattern(path)}) words=${quote(words.join(' '))} ;;`)
  return `# bash completion of dda: source this file, or write it to /etc/bash_completion.d/dda
_dda() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' i
  case $prev in
    --cwd) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    -c|--config|--from) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] || path="$path \${COMP_WORDS[i]}"
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _dda dda
`
}

function names({ flags, hidden }: OptionSpec): readonly string[] {
  return hidden === true ? [] : (flags.match(/--[\w-]+/g) ?? [])
}

/** The star stays a star; what a user has typed before it is matched as it is. */
function pattern(path: string): string {
  return path.endsWith('*') ? `${quote(path.slice(0, -1))}*` : quote(path)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
