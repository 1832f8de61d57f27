// A judge that is never content.
import { API_VERSION, definePlugin, JUDGES, Type } from '@dda-thinker/plugin-api'

export default definePlugin({
  name: 'harsh-judge',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup(api) {
    api.contribute(JUDGES, () => ({
      fingerprint: 'harsh-judge',
      scopes: ['cognitive', 'visual'],
      concurrency: 1,
      async judge({ items }) {
        return items.map(({ id, expected }) => ({
          itemId: id,
          answer: expected === 'yes' ? 'no' : 'yes',
          judge: 'harsh-judge',
        }))
      },
    }))
  },
})
