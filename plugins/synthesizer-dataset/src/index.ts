import { resolve } from 'node:path'
import { API_VERSION, definePlugin, SYNTHESIZERS, type Synthesizer, withDefaults } from '@dda-thinker/plugin-api'
import { DatasetSynthesizer } from './dataset-synthesizer.ts'
import { OPTIONS, type DatasetOptions } from './options.ts'

export { REASONS } from './draft.ts'
export { OPTIONS, type DatasetOptions } from './options.ts'

/** Samples from files and folders that exist. */
export default definePlugin({
  name: 'synthesizer-dataset',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    api.contribute(SYNTHESIZERS, () => made(options as DatasetOptions, (path) => api.resolvePath(path)))
  },
})

/** The synthesizer for use without a config: paths are taken from the working directory, options not given have their defaults. */
export function datasetSynthesizer(given: Partial<DatasetOptions> & Pick<DatasetOptions, 'path'>): Synthesizer {
  return made(withDefaults<DatasetOptions>(OPTIONS, given), (path) => resolve(path))
}

function made(options: DatasetOptions, resolvePath: (path: string) => string): Synthesizer {
  const { path, imageRoot } = options
  return new DatasetSynthesizer({
    ...options,
    paths: [path].flat().map(resolvePath),
    root: imageRoot === undefined ? undefined : resolvePath(imageRoot),
  })
}
