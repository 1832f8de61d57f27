import { API_VERSION, definePlugin, EDITOR, type Editor, withDefaults } from '@dda-thinker/plugin-api'
import { checkEndpointUrls } from '@dda-thinker/endpoints'
import { checkedWorkflow, ComfyEditor } from './comfy-editor.ts'
import { type EditorOptions, options } from './options.ts'
import { checkSlots } from './workflow.ts'

/** Any image-editing workflow of ComfyUI as an Editor, on one server or many. */
export default definePlugin({
  name: 'editor-comfyui',
  apiVersion: API_VERSION,
  options,
  setup(api, given) {
    checkEndpointUrls(given.endpoints)
    checkSlots(given)
    const file = api.resolvePath(given.workflow)
    checkedWorkflow(given, file)
    api.provide(EDITOR, () => new ComfyEditor(given, file))
  },
  async fake(address) {
    const { startStandIn } = await import('./stand-in-server.ts')
    const server = await startStandIn(address)
    return { url: server.url, options: { endpoints: [server.url] }, close: () => server.close() }
  },
})

/** The Editor for use without a config: options not given have their defaults; `workflow` is a path. */
export function comfyEditor(
  given: Partial<EditorOptions> & Pick<EditorOptions, 'endpoints' | 'workflow' | 'slots'>,
): Editor {
  checkEndpointUrls(given.endpoints)
  const all = withDefaults<EditorOptions>(options, given)
  checkSlots(all)
  return new ComfyEditor(all, all.workflow)
}

export type { EditorOptions } from './options.ts'
