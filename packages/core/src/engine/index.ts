export { createEngine, type Engine, type EngineOptions } from './engine.ts'
export type { EngineStats, RolloutRequest, Tally } from './engine-context.ts'
export { isInterruption } from './failure.ts'
export { deriveSeed, deriveUniform, editorSeed, planSeed, seededPermutation } from './seeds.ts'
