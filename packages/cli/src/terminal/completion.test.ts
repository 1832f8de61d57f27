import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { COMMANDS } from '../commands/index.ts'
import { bashCompletion } from './completion.ts'
import { SHARED_OPTIONS } from './shared-options.ts'

const hasBash = spawnSync('bash', ['--version']).status === 0

/** What bash offers for the last of the words. */
function complete(...words: readonly string[]): readonly string[] {
  const script = `${bashCompletion(COMMANDS, SHARED_OPTIONS)}
COMP_WORDS=(dda "$@"); COMP_CWORD=$#; _dda; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout.split('\n').filter(Boolean)
}

test.skipIf(!hasBash)('bash is offered commands, groups, sub-commands and options', () => {
  expect(complete('tra')).toEqual(['train', 'trainer'])
  expect(complete('config', '')).toEqual(['print', 'schema', 'check'])
  expect(complete('train', '--st')).toEqual(expect.arrayContaining(['--steps']))
  expect(complete('--json', 'train', '--st')).toEqual(complete('train', '--st'))
  expect(complete('trainer', 'install', '--cw')).toEqual(['--cwd'])
  expect(complete('config', 'print', '--js')).toEqual(['--json'])
  expect(complete('no-such', '')).toEqual([])
})

test.skipIf(!hasBash)('every command can be completed', () => {
  for (const { name } of COMMANDS) expect(complete(...name.split(' ')), name).toContain(name.split(' ').at(-1))
})

test.skipIf(!hasBash)('a path is offered where an option takes one', () => {
  expect(complete('train', '--cwd', '/et')).toContain('/etc')
})
