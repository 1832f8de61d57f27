import type { Logger } from '@dda-thinker/plugin-api'

export type LogLevel = 'debug' | 'info' | 'warn'

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2 }

export interface LoggerOptions {
  /** Lowest level that is written. Default `info`. */
  readonly level?: LogLevel
  /** Where lines go. Default: standard error, so that standard output stays machine-readable. */
  readonly write?: (line: string, level: LogLevel) => void
}

export function createLogger(options: LoggerOptions = {}): Logger {
  const lowest = RANK[options.level ?? 'info']
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`))
  const at = (level: LogLevel) => (message: string) => {
    if (RANK[level] >= lowest) write(level === 'info' ? message : `${level}: ${message}`, level)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn') }
}
