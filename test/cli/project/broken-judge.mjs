// A judge whose service is gone.
import { API_VERSION, DdaError, definePlugin, JUDGES, Type } from '@dda-thinker/plugin-api'

export default definePlugin({
  name: 'broken-judge',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup(api) {
    api.contribute(JUDGES, () => ({
      fingerprint: 'broken-judge',
      scopes: ['cognitive', 'visual'],
      concurrency: 1,
      async judge() {
        throw new DdaError('DDA_JUDGE_GONE', 'The judge is gone.', { kind: 'connection', next: 'Start it.' })
      },
    }))
  },
})
