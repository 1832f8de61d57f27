import type { CommandSpec, OptionSpec } from './command.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** What can follow the words typed so far. */
interface Offer {
  /** The words before, each with a blank in front: ` config print`. */
  readonly typed: string
  /** Whether further words may stand between, such as arguments. */
  readonly open: boolean
  readonly words: readonly string[]
}

/**
 * A script that completes commands, their groups and their options; values of `--cwd`, `--config` and `--from` are paths, and so is
 * whatever matches nothing that is offered.
 *
 * @param shared options that every command takes
 */
export function completionScript(
  shell: Shell,
  commands: readonly CommandSpec[],
  shared: readonly OptionSpec[],
): string {
  return SCRIPTS[shell](offers(commands, shared), shared.filter(({ flags }) => flags.includes('<')).flatMap(flagsOf))
}

/** Groups before commands, so that `config` offers what it has rather than options of a command with that name. */
function offers(commands: readonly CommandSpec[], shared: readonly OptionSpec[]): readonly Offer[] {
  const groups = new Map<string, string[]>([['', []]])
  for (const { name } of commands) {
    const [first = name, second] = name.split(' ')
    const top = groups.get('') ?? []
    if (!top.includes(first)) top.push(first)
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), second])
  }
  return [
    ...[...groups].map(([group, words]) => ({ typed: group === '' ? '' : ` ${group}`, open: false, words })),
    ...commands.map(({ name, options = [] }) => {
      return { typed: ` ${name}`, open: true, words: [...options, ...shared].flatMap(names) }
    }),
  ]
}

/** @param valued options behind which a word is no command, such as `--cwd` */
type Script = (offered: readonly Offer[], valued: readonly string[]) => string

const SCRIPTS: Readonly<Record<Shell, Script>> = {
  bash: (offered, valued) => `# bash completion of dda: source this file, or write it to /etc/bash_completion.d/dda
_dda() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' i
  case $prev in
    --cwd) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    -c|--config|--from) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${valued.join('|')}) ((i++)) ;;
      -*) ;;
      *) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case $path in
${offered.map((offer) => `    ${posixPattern(offer)}) words='${offer.words.join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _dda dda
`,
  // `path` and `words` are zsh's own: the search path and the line being completed.
  zsh: (offered, valued) => `#compdef dda
# zsh completion of dda: write this file as _dda to a folder of $fpath, or source it after compinit
_dda() {
  local typed='' i
  local -a offered
  case $words[CURRENT-1] in
    --cwd) _files -/; return ;;
    -c|--config|--from) _files; return ;;
  esac
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      ${valued.join('|')}) ((i++)) ;;
      -*) ;;
      *) typed="$typed $words[i]" ;;
    esac
  done
  case $typed in
${offered.map((offer) => `    ${posixPattern(offer)}) offered=(${offer.words.join(' ')}) ;;`).join('\n')}
  esac
  compadd -a offered || _files
}
if [[ $funcstack[1] == _dda ]]; then _dda "$@"; else compdef _dda dda; fi
`,
  fish: (
    offered,
    valued,
  ) => `# fish completion of dda: write this file to ~/.config/fish/completions/dda.fish, or source it
function __dda_offered
  set -l current (commandline -ct)
  set -l before (commandline -opc)
  switch "$before[-1]"
    case --cwd
      __fish_complete_directories "$current"
      return
    case -c --config --from
      __fish_complete_path "$current"
      return
  end
  set -e before[1]
  set -l typed ''
  set -l is_value no
  for word in $before
    if test $is_value = yes
      set is_value no
      continue
    end
    switch $word
      case ${valued.join(' ')}
        set is_value yes
      case '-*'
      case '*'
        set typed "$typed $word"
    end
  end
  set -l offered
  switch $typed
${offered.map((offer) => `    case ${fishPattern(offer)}\n      set offered ${offer.words.join(' ')}`).join('\n')}
  end
  set -l matching (string match -- "$current*" $offered)
  if set -q matching[1]
    printf '%s\\n' $matching
  else
    __fish_complete_path "$current"
  end
end
complete -c dda -f -a '(__dda_offered)'
`,
}

function names({ flags, hidden }: OptionSpec): readonly string[] {
  return hidden === true ? [] : (flags.match(/--[\w-]+/g) ?? [])
}

function flagsOf({ flags }: OptionSpec): readonly string[] {
  return flags.match(/(?<![\w-])--?[a-z][\w-]*/g) ?? []
}

/** A blank before the star, so that `trainer` does not count as `train` with something behind it. */
function posixPattern({ typed, open }: Offer): string {
  return open ? `'${typed}'|'${typed} '*` : `'${typed}'`
}

function fishPattern({ typed, open }: Offer): string {
  return open ? `'${typed}' '${typed} *'` : `'${typed}'`
}
