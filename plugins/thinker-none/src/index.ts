import { API_VERSION, definePlugin, THINKER, Type } from '@dda-thinker/plugin-api'
import { passThrough } from './pass-through.ts'

export { passThrough } from './pass-through.ts'

export default definePlugin({
  name: 'thinker-none',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup(api) {
    api.provide(THINKER, passThrough)
  },
})
