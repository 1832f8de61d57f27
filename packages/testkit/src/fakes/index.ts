export {
  type Exchange,
  type Fault,
  FAULTS,
  type FaultProxy,
  type FaultProxyOptions,
  startFaultProxy,
} from './fault-proxy.ts'
export { makeContext, MemoryLog } from './context.ts'
export { deepFreeze } from './deep-freeze.ts'
export { MemoryImages } from './image-store.ts'
export {
  inputOf,
  makeTrainingSettings,
  makeItem,
  makeMaskedRollout,
  makePlan,
  makeReward,
  makeRollout,
  makeSample,
  makeVerdict,
  makeVerdicts,
  MISSING_IMAGE,
} from './nouns.ts'
export { makePng, type Rgb } from '@dda-thinker/pictures'
export { MemoryShelf } from './sample-shelf.ts'
export { pick, randomInteger, seededRandom } from './random.ts'
