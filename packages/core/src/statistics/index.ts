export * from './interval.ts'
export { normalQuantile } from './normal-quantile.ts'
export { seededRandom } from './random.ts'
