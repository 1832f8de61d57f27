import type { Benchmark } from './benchmark.ts'
import type { Curator } from './curator.ts'
import type { Editor } from './editor.ts'
import type { ExternalTrainer } from './external-trainer.ts'
import type { Judge } from './judge.ts'
import type { RewardDecomposition } from './reward-decomposition.ts'
import type { Synthesizer } from './synthesizer.ts'
import type { Thinker } from './thinker.ts'
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
  /** Tells slots and lists apart at run time. */
  readonly type: 'slot'
  /** The key of the config that fills it. */
  readonly id: string
  /** Equal across copies of this package. */
  readonly key: symbol
  /** Never set; carries the type. */
  readonly phantom?: T
}

/** Every contribution, in config order. */
export interface List<T> {
  /** Tells slots and lists apart at run time. */
  readonly type: 'list'
  /** The key of the config that adds to it. */
  readonly id: string
  /** Equal across copies of this package. */
  readonly key: symbol
  /** Never set; carries the type. */
  readonly phantom?: T
}

/** @param name where several slots are filled by one key */
function slot<T>(id: string, name = id): Slot<T> {
  return { type: 'slot', id, key: Symbol.for(`dda-thinker:slot:${name}`) }
}

function list<T>(id: string): List<T> {
  return { type: 'list', id, key: Symbol.for(`dda-thinker:list:${id}`) }
}

/** Writes plans. */
export const THINKER: Slot<Thinker> = slot('thinker')
/** Carries plans out; fixed. */
export const EDITOR: Slot<Editor> = slot('editor')
/** Turns verdicts into a reward. */
export const REWARD: Slot<RewardDecomposition> = slot('reward')
/** Updates the Thinker. */
export const TRAINER: Slot<Trainer> = slot('trainer')
/** The other way to fill the key `trainer`: software of others trains, and asks for rewards. */
export const EXTERNAL_TRAINER: Slot<ExternalTrainer> = slot('trainer', 'external-trainer')

/** Make samples. */
export const SYNTHESIZERS: List<Synthesizer> = list('synthesizer')
/** Choose and order samples, one after another. */
export const CURATORS: List<Curator> = list('curator')
/** Answer checklist items; each goes to the first that can. */
export const JUDGES: List<Judge> = list('judge')
/** Measure under published rules. */
export const BENCHMARKS: List<Benchmark> = list('benchmark')
