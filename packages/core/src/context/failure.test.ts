import { DdaError } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { isFatal } from './failure.ts'

test('an error that stops the run is fatal, also where a wrapper put its own name on it', () => {
  const key = new DdaError('DDA_ENDPOINT_KEY', 'refused', { kind: 'unavailable', stopsRun: true })
  expect(isFatal(key)).toBe(true)
  expect(isFatal(new DdaError('DDA_PLUGIN_FAILED', 'wrapped', { cause: key }))).toBe(true)
  expect(isFatal(new DdaError('DDA_DISK_FULL', 'full'))).toBe(true)
  expect(isFatal(new DdaError('DDA_EDITOR_TIMEOUT', 'late', { kind: 'timeout' }))).toBe(false)
})
