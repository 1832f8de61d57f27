import { API_VERSION, definePlugin, THINKER, type Thinker, withDefaults } from '@dda-thinker/plugin-api'
import { ChatThinker } from './chat-thinker.ts'
import { options, type ThinkerOptions } from './options.ts'
import { endpointsOf } from './settings.ts'

/** Any OpenAI-compatible model with eyes as a Thinker that is not trained: the zero-shot baseline. */
export default definePlugin({
  name: 'thinker-chat',
  apiVersion: API_VERSION,
  options,
  setup(api, given) {
    endpointsOf(given)
    api.provide(THINKER, () => new ChatThinker(given))
  },
  async fake(address) {
    const { startStandIn } = await import('./stand-in-server.ts')
    const server = await startStandIn({ ...address, anyModel: true })
    return { url: server.url, options: { endpoints: [server.url], model: 'stand-in-vlm' }, close: () => server.close() }
  },
})

/** The Thinker for use without a config: options not given have their defaults. */
export function chatThinker(given: Partial<ThinkerOptions> & Pick<ThinkerOptions, 'model'>): Thinker {
  return new ChatThinker(withDefaults<ThinkerOptions>(options, given))
}

export type { ThinkerOptions } from './options.ts'
