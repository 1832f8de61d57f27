import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../commands/index.ts'
import { completionScript, type Shell, SHELLS } from './completion.ts'
import { SHARED_OPTIONS } from './shared-options.ts'

const installed = SHELLS.filter((shell) => spawnSync(shell, ['--version']).status === 0)

/** Runs the script and asks the shell; of zsh, whose completion needs a terminal, the two functions that it calls are the test's. */
const ASK: Readonly<Record<Shell, (script: string, words: readonly string[]) => readonly string[]>> = {
  bash: (script, words) => [
    '-c',
    `${script}\nCOMP_WORDS=(dda "$@"); COMP_CWORD=$#; _dda; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    ...words,
  ],
  zsh: (script, words) => [
    '-f',
    '-c',
    `compdef() { : }
_files() { [[ $1 == -/ ]] && print -l -- $words[CURRENT]*(N/) || true }
compadd() { local -a found; found=(\${(M)offered:#$words[CURRENT]*}); (( $#found )) && print -l -- $found }
${script}\nwords=(dda "$@"); CURRENT=$#words; _dda`,
    'zsh',
    ...words,
  ],
  fish: (script, words) => [
    '--no-config',
    '-c',
    `${script}\ncomplete -C ${JSON.stringify(['dda', ...words].join(' '))} | string replace -r '\\t.*' ''`,
  ],
}

function complete(shell: Shell, ...words: readonly string[]): readonly string[] {
  const script = completionScript(shell, COMMANDS, SHARED_OPTIONS)
  const { stdout, stderr } = spawnSync(shell, ASK[shell](script, words), { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter(Boolean)
}

describe.each(installed)('%s', (shell) => {
  test('is offered commands, groups, sub-commands and options', () => {
    expect(complete(shell, 'tra')).toEqual(['train', 'trainer'])
    expect([...complete(shell, 'config', '')].toSorted()).toEqual(['check', 'print', 'schema'])
    expect(complete(shell, 'train', '--st')).toEqual(expect.arrayContaining(['--steps']))
    expect(complete(shell, '--json', 'train', '--st')).toEqual(complete(shell, 'train', '--st'))
    // What stands behind an option of all commands is no command.
    expect(complete(shell, '--cwd', 'somewhere', 'tra')).toEqual(['train', 'trainer'])
    expect(complete(shell, '-c', 'a.yaml', '--set', 'a=1', 'train', '--st')).toEqual(complete(shell, 'train', '--st'))
    expect([...complete(shell, '--cwd', 'x', 'config', '')].toSorted()).toEqual(['check', 'print', 'schema'])
    expect(complete(shell, 'trainer', 'install', '--cw')).toEqual(['--cwd'])
    expect(complete(shell, 'trainer', 'install', '--ste')).toEqual([])
    expect(complete(shell, 'config', 'print', '--js')).toEqual(['--json'])
    expect(complete(shell, 'no-such', 'no-such-file')).toEqual([])
  })

  test('every command can be completed', { timeout: 120_000 }, () => {
    for (const { name } of COMMANDS) {
      expect(complete(shell, ...name.split(' ')), name).toContain(name.split(' ').at(-1))
    }
  })

  test('a path is offered where an option takes one', () => {
    expect(complete(shell, 'train', '--cwd', '/et').map((path) => path.replace(/\/$/, ''))).toContain('/etc')
  })
})

test.each(SHELLS)('the script for %s names every command and every shown option', (shell) => {
  const script = completionScript(shell, COMMANDS, SHARED_OPTIONS)
  for (const { name, options = [] } of COMMANDS) {
    const at = script.split('\n').findIndex((line) => line.includes(`' ${name}'`) && line.includes('*'))
    expect(at, name).toBeGreaterThan(0)
    const offered = script
      .split('\n')
      .slice(at, at + (shell === 'fish' ? 2 : 1))
      .join(' ')
      .split(/[\s'()]+/)
    for (const { flags, hidden } of [...options, ...SHARED_OPTIONS]) {
      const long = flags.match(/--[\w-]+/)?.[0]
      if (hidden !== true && long !== undefined) expect(offered, name).toContain(long)
    }
  }
})

test('words of commands and options need no quoting in any shell', () => {
  for (const { name, options = [] } of COMMANDS) {
    expect(name).toMatch(/^[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)?$/)
    for (const { flags } of [...options, ...SHARED_OPTIONS]) expect(flags).toMatch(/--[a-z0-9-]+/)
  }
})
