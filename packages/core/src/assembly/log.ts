import type { Logger } from '@dda-thinker/plugin-api'

/** Every line starts with `[name] `. */
export function prefixedLogger(log: Logger, name: string): Logger {
  return {
    debug: (message) => log.debug(`[${name}] ${message}`),
    info: (message) => log.info(`[${name}] ${message}`),
    warn: (message) => log.warn(`[${name}] ${message}`),
  }
}

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {} }
