import { resolve } from 'node:path'
import { API_VERSION, definePlugin, EDITOR, type Editor } from '@dda-thinker/plugin-api'
import { DiffusersEditor, type DiffusersEditorSetting } from './diffusers-editor.ts'
import { install } from './install.ts'
import { type GivenDiffusersOptions, options } from './options.ts'
import { absoluteModel, checkOptions, complete } from './settings.ts'

/** Any image-edit pipeline of diffusers, in a Python process of its own. */
export default definePlugin({
  name: 'editor-diffusers',
  apiVersion: API_VERSION,
  options,
  install,
  setup(api, given) {
    checkOptions(given)
    const model = absoluteModel(given.model, (path) => api.resolvePath(path))
    api.provide(EDITOR, () => new DiffusersEditor({ ...given, model }))
  },
})

/** The Editor for use without a config: options not given have their defaults, folders are relative to the working folder. */
export function diffusersEditor(given: GivenDiffusersOptions, setting: DiffusersEditorSetting = {}): Editor {
  const whole = complete(given)
  checkOptions(whole)
  return new DiffusersEditor({ ...whole, model: absoluteModel(whole.model, (path) => resolve(path)) }, setting)
}

export type { DiffusersEditorSetting } from './diffusers-editor.ts'
export { install } from './install.ts'
export type { DiffusersOptions, GivenDiffusersOptions } from './options.ts'
export type { Connect, Connection } from './pipeline-worker.ts'
