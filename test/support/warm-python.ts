import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('warm-python.py', import.meta.url))

/** An interpreter that can be started often. */
export interface WarmPython {
  /** To be called like the interpreter it stands for, with a module or a script. */
  readonly path: string
  close(): Promise<void>
}

/**
 * The interpreter with modules imported once, for suites that harm many workers: starting one takes a fork instead of ten
 * seconds of imports. The processes are real ones, and run what they are told from its first line. The interpreter itself
 * where there is no such thing (Linux alone has all that it takes).
 *
 * @param modules `module` or `module:attribute`, for modules that import when an attribute is asked for
 */
export async function warmPython(python: string, modules: readonly string[]): Promise<WarmPython> {
  if (process.platform !== 'linux') return { path: python, close: async () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'dda-warm-'))
  const [path, socket] = [join(folder, 'python'), join(folder, 'socket')]
  writeFileSync(path, `#!/bin/sh\nexec '${python}' -IS '${SCRIPT}' run '${socket}' "$@"\n`)
  chmodSync(path, 0o755)
  const server = spawn(python, [SCRIPT, 'serve', socket, ...modules], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(server, 'close')
  const [first] = await Promise.race([once(server.stdout, 'data'), ended])
  if (String(first) !== 'ready\n') throw new Error(`${python} could not import ${modules.join(', ')}`)
  const close = async () => {
    server.stdin.end()
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { path, close }
}
