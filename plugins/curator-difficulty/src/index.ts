import { API_VERSION, CURATORS, definePlugin } from '@dda-thinker/plugin-api'
import { difficultyCurator } from './difficulty-curator.ts'
import { errors } from './errors.ts'
import { OPTIONS } from './options.ts'

export { type Band, decideOrder, type OrderDecision, outOfBand, REASONS } from './band.ts'
export { difficultyCurator } from './difficulty-curator.ts'
export { type Measured, MeasuredColumns, type Strata } from './measured.ts'
export { OPTIONS, type DifficultyOptions } from './options.ts'

export default definePlugin({
  name: 'curator-difficulty',
  apiVersion: API_VERSION,
  options: OPTIONS,
  setup(api, options) {
    refuseEmptyBand('Mean', options.minMean, options.maxMean)
    refuseEmptyBand('PassRate', options.minPassRate, options.maxPassRate)
    api.contribute(CURATORS, () => difficultyCurator(options))
  },
})

function refuseEmptyBand(name: string, minimum?: number, maximum?: number): void {
  if (minimum === undefined || maximum === undefined || minimum <= maximum) return
  throw errors.make('DDA_CURATOR_BAND', { name, minimum, maximum })
}
