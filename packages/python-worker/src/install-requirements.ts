import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { uvSettings } from './pip-settings.ts'
import { installArguments, UV_PIN } from './requirements.ts'
import { type RunOptions, runToEnd } from './run-to-end.ts'

/** What installs: uv, which unpacks and compiles gigabytes in half of pip's time, or pip alone. */
export type Installer = 'uv' | 'pip'

/**
 * Installs a list of pins into the environment of an interpreter. What uv does not manage, or what pip is configured for in a way that uv is not, pip does.
 *
 * @throws Error with the last lines that pip wrote; the signal's reason
 */
export async function installRequirements(
  python: string,
  requirements: string,
  installer: Installer,
  options: RunOptions,
): Promise<void> {
  if (installer === 'uv') {
    try {
      await byUv(python, requirements, options)
      return
    } catch (error) {
      options.signal?.throwIfAborted()
      options.onLine?.(`uv did not, so pip does: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  await byPip(python, requirements, options)
}

async function byPip(python: string, requirements: string, options: RunOptions): Promise<void> {
  const quiet = ['--disable-pip-version-check', '--progress-bar', 'off']
  await runToEnd(python, ['-m', 'pip', 'install', ...quiet, ...installArguments(requirements)], options)
}

async function byUv(python: string, requirements: string, options: RunOptions): Promise<void> {
  const settings = uvSettings((await execa(python, ['-m', 'pip', 'config', 'list'], { stdin: 'ignore' })).stdout)
  if (settings === undefined) throw new Error('pip is configured in a way that uv is not')
  const uv = join(dirname(python), 'uv')
  if (!(await isPinned(uv))) await byPip(python, UV_PIN, options)
  const args = ['pip', 'install', '--no-progress', '--python', python, ...installArguments(requirements)]
  // As pip does, unless told otherwise: whoever uses it may be unable to write there, or have set PYTHONDONTWRITEBYTECODE, and
  // would compile at every start.
  await runToEnd(uv, args, options, { ...settings, UV_COMPILE_BYTECODE: '1', ...process.env })
}

async function isPinned(uv: string): Promise<boolean> {
  const wanted = /^uv==(\S+)$/m.exec(readFileSync(UV_PIN, 'utf8'))?.[1]
  const { stdout } = await execa(uv, ['--version'], { stdin: 'ignore', reject: false })
  return stdout.split(' ')[1] === wanted
}
