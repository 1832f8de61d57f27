import { API_VERSION, definePlugin, EDITOR, type Editor, withDefaults } from '@dda-thinker/plugin-api'
import { checkEndpointUrls } from '@dda-thinker/endpoints'
import { OpenAiEditor } from './openai-editor.ts'
import { fixedFields } from './form.ts'
import { type EditorOptions, options } from './options.ts'

/** Editors behind OpenAI's image edit route: OpenAI itself, vLLM-Omni, SGLang-Diffusion, LiteLLM and labs' own servers. */
export default definePlugin({
  name: 'editor-openai',
  apiVersion: API_VERSION,
  options,
  setup(api, given) {
    checkEndpointUrls(given.endpoints)
    fixedFields(given)
    api.provide(EDITOR, () => new OpenAiEditor(given))
  },
  async fake(address) {
    const { startStandIn } = await import('./stand-in-server.ts')
    const server = await startStandIn(address)
    return { url: server.url, options: { endpoints: [server.url] }, close: () => server.close() }
  },
})

/** The Editor for use without a config: options not given have their defaults. */
export function openAiEditor(given: Partial<EditorOptions> & Pick<EditorOptions, 'endpoints'>): Editor {
  checkEndpointUrls(given.endpoints)
  return new OpenAiEditor(withDefaults<EditorOptions>(options, given))
}

export type { EditorOptions } from './options.ts'
