import type { Benchmark } from './benchmark.ts'
import type { Curator, Editor, Judge, RewardDecomposition, Synthesizer, Thinker } from './roles.ts'
import type { Trainer } from './trainer.ts'

/** The kind of a plugin block; in a config it is known from the key. */
export type PluginKind =
  | 'synthesizer'
  | 'curator'
  | 'thinker'
  | 'editor'
  | 'judge'
  | 'reward'
  | 'trainer'
  | 'tracker'
  | 'benchmark'
  | 'plugin'

/** Exactly one provider, chosen by name in the config. `T` is a phantom: it types `provide` and `resolve`. */
export interface Slot<T> {
  readonly type: 'slot'
  readonly id: string
  readonly key: symbol
  readonly phantom?: T
}

/** Every contribution, in config order. */
export interface List<T> {
  readonly type: 'list'
  readonly id: string
  readonly key: symbol
  readonly phantom?: T
}

function slot<T>(id: string): Slot<T> {
  return { type: 'slot', id, key: Symbol.for(`dda-thinker:slot:${id}`) }
}

function list<T>(id: string): List<T> {
  return { type: 'list', id, key: Symbol.for(`dda-thinker:list:${id}`) }
}

export const THINKER: Slot<Thinker> = slot('thinker')
export const EDITOR: Slot<Editor> = slot('editor')
export const REWARD: Slot<RewardDecomposition> = slot('reward')
export const TRAINER: Slot<Trainer> = slot('trainer')

export const SYNTHESIZERS: List<Synthesizer> = list('synthesizer')
export const CURATORS: List<Curator> = list('curator')
export const JUDGES: List<Judge> = list('judge')
export const BENCHMARKS: List<Benchmark> = list('benchmark')
