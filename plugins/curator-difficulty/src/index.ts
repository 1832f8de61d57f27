import { API_VERSION, CURATORS, DdaError, definePlugin } from '@dda-thinker/plugin-api'
import { difficultyCurator } from './difficulty-curator.ts'
import { OPTIONS } from './options.ts'

export { difficultyCurator, REASONS } from './difficulty-curator.ts'
export { OPTIONS, type DifficultyOptions } from './options.ts'

export default definePlugin({
  name: 'curator-difficulty',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    const { minMean = Number.NEGATIVE_INFINITY, maxMean = Number.POSITIVE_INFINITY } = options
    if (minMean > maxMean) {
      throw new DdaError('DDA_CURATOR_BAND', `minMean ${minMean} is above maxMean ${maxMean}: no sample can be kept`, {
        next: 'Swap the two options of curator-difficulty.',
      })
    }
    api.contribute(CURATORS, () => difficultyCurator(options))
  },
})
