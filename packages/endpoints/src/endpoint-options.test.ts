import { SERVICE_OPTIONS } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { endpointOptions } from './endpoint-options.ts'

test('no option of a service has a part in results: a run goes on when its servers have moved', () => {
  const names = Object.keys(endpointOptions({ perEndpoint: 1, timeoutSeconds: 1 }))
  // The short form of one endpoint belongs to the plugins that have it.
  expect(new Set([...names, 'endpoint'])).toEqual(new Set(SERVICE_OPTIONS))
})
