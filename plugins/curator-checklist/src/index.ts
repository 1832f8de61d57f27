import { API_VERSION, CURATORS, definePlugin } from '@dda-thinker/plugin-api'
import { checklistCurator } from './checklist-curator.ts'
import { OPTIONS } from './options.ts'

export { checklistCurator, REASONS } from './checklist-curator.ts'
export { findItems, type Findings, type FindOptions } from './find.ts'
export { OPTIONS, type ChecklistOptions } from './options.ts'

export default definePlugin({
  name: 'curator-checklist',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    api.contribute(CURATORS, () => checklistCurator(options))
  },
})
