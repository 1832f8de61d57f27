import { redact } from '@dda-thinker/plugin-api'
import type { Streams } from './output.ts'
import { forTerminal } from './shown-text.ts'

/**
 * Streams that show no value of an environment variable which the configuration names, and no control of the terminal but the command
 * line's own.
 */
export function safeStreams({ stdout, stderr }: Streams): Streams {
  const write = (text: string | Uint8Array): boolean =>
    stderr.write(typeof text === 'string' ? forTerminal(redact(text)) : text)
  return {
    stdout: (text) => stdout(forTerminal(redact(text))),
    stderr: new Proxy(stderr, {
      get: (target, key) => {
        if (key === 'write') return write
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    }),
  }
}
