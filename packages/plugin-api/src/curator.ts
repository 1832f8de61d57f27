import type { Opens, RoleContext } from './role-context.ts'
import type { Rollout } from './rollout.ts'
import type { Sample } from './sample.ts'

/** What rollouts showed of an item of a checklist. */
export interface ItemFinding {
  /** The item's id in its sample. */
  readonly itemId: string
  /**
   * `always-passed` and `never-passed` by the rollouts tried; `redundant`: the same answers as another item in all of them;
   * `undecided`: the judge is often unsure.
   */
  readonly finding: 'always-passed' | 'never-passed' | 'redundant' | 'undecided'
  /** The item that a redundant one repeats. */
  readonly with?: string
}

/** What a curator decided about one sample. A kept sample may carry a measured `difficulty`. */
export interface CurationDecision {
  /** As it came, or with a measured difficulty. */
  readonly sample: Sample
  /** Does it stay in the training data? */
  readonly kept: boolean
  /** Why, for people and for the journal. */
  readonly reason: string
  /** What it found out about the items of the checklist, kept in the record of decisions. */
  readonly findings?: readonly ItemFinding[]
  /** Name of the plugin that decided. The engine fills it in. */
  readonly curator?: string
}

/**
 * Samples put away while a curator goes on, so that one that gives an order at the end holds keys alone. They lie in a file that ends
 * with the curation.
 */
export interface SampleShelf {
  /**
   * Puts a sample away.
   *
   * @returns the ticket to take it back with
   */
  put(sample: Sample): Promise<number>
  /** As often as wanted, in any order. */
  take(ticket: number): Promise<Sample>
}

/** What a curator gets beside its samples. */
export interface CurationContext extends RoleContext {
  /** For samples whose place in the order is not known yet. */
  readonly shelf: SampleShelf
  /** Tries rollouts of the run's Thinker on a sample; masked ones are included. */
  tryRollouts(sample: Sample, count: number): Promise<readonly Rollout[]>
}

/** Stream of samples → decisions in curriculum order. Every input sample gets exactly one decision. */
export interface Curator extends Opens {
  /**
   * Yields decisions in the order in which training should see the samples, each as soon as it is known: samples may be more than
   * memory holds, and {@link CurationContext.shelf} keeps those that wait.
   */
  curate(samples: AsyncIterable<Sample>, context: CurationContext): AsyncIterable<CurationDecision>
}
