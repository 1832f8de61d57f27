import { prefixedLogger } from '@dda-thinker/core'
import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'

test('lines below the level are left out, and a prefix names who speaks', () => {
  const lines: string[] = []
  const log = prefixedLogger(createLogger({ level: 'info', write: (line) => lines.push(line) }), 'editor-x')
  log.debug('no')
  log.info('hello')
  log.warn('careful')
  expect(lines).toEqual(['[editor-x] hello', 'warn: [editor-x] careful'])
})
