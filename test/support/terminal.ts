import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { root } from './dda.ts'

/** Keys as a terminal sends them. */
export const ENTER = '\r'
export const DOWN = '\u001B[B'
export const CTRL_C = '\u0003'

/** Is there what makes a terminal: python3 with its `pty`, which Windows has not? */
export const hasTerminal = spawnSync('python3', ['-c', 'import pty']).status === 0

export interface Typed {
  readonly status: number
  /** All that was shown, without colours and movements. */
  readonly screen: string
  /** Steps that never came. */
  readonly untyped: number
}

/** Runs a program on a terminal of its own. @param steps what to wait for, as a regular expression, and what to type then */
export async function onTerminal(
  cwd: string,
  program: readonly string[],
  steps: readonly (readonly [wait: string, keys: string])[],
): Promise<Typed> {
  const { CI: _ci, ...env } = process.env
  const { stdout } = await execa(
    'python3',
    [join(root, 'test/support/terminal.py'), JSON.stringify(steps), ...program],
    {
      cwd,
      env: { ...env, TERM: 'xterm', NO_COLOR: '1' },
      extendEnv: false,
      timeout: 240_000,
    },
  )
  const { screen, ...typed } = JSON.parse(stdout) as Typed
  return { ...typed, screen: stripVTControlCharacters(screen) }
}
