import { API_VERSION, definePlugin, EDITOR, type Editor, withDefaults } from '@dda-thinker/plugin-api'
import { checkEndpointUrls } from '@dda-thinker/endpoints'
import { EditHttpEditor, fixedFields } from './edit-http-editor.ts'
import { type EditorOptions, options } from './options.ts'

/** Editors behind a plain `/edit` route: EditThinker's servers for Qwen-Image-Edit, FLUX Kontext, OmniGen2, LongCat. */
export default definePlugin({
  name: 'editor-edit-http',
  apiVersion: API_VERSION,
  options,
  setup(api, given) {
    checkEndpointUrls(given.endpoints)
    fixedFields(given)
    api.provide(EDITOR, () => new EditHttpEditor(given))
  },
  async fake(address) {
    const { startStandIn } = await import('./stand-in-server.ts')
    const server = await startStandIn(address)
    return { url: server.url, options: { endpoints: [server.url], model: 'stand-in' }, close: () => server.close() }
  },
})

/** The Editor for use without a config: options not given have their defaults. */
export function editHttpEditor(given: Partial<EditorOptions> & Pick<EditorOptions, 'endpoints' | 'model'>): Editor {
  checkEndpointUrls(given.endpoints)
  return new EditHttpEditor(withDefaults<EditorOptions>(options, given))
}

export type { EditorOptions } from './options.ts'
