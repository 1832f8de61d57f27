import type { Opens, RoleContext } from './role-context.ts'
import type { Sample, Split } from './sample.ts'

/** What is wanted of a synthesizer. */
export interface SynthesisRequest {
  /** Equal seeds, equal samples. */
  readonly seed: number
  /** Samples wanted of each split. */
  readonly count: Readonly<Record<Split, number>>
}

/** A row of somebody's data that cannot be a sample. */
export interface SetAside {
  /** `file:row`, rows counted from 1; or what else names it to its owner. */
  readonly where: string
  /** One of few fixed sentences, so that they can be counted. */
  readonly reason: string
  /** What is particular to this row. */
  readonly detail?: string
}

/** What a synthesizer gets beside its request. */
export interface SynthesisContext extends RoleContext {
  /** Puts a row on the record of what became no sample, and the rest goes on. Absent where nobody keeps one: say it in the log. */
  readonly setAside?: (row: SetAside) => void | Promise<void>
  /**
   * For dear calls of a service whose result follows from `key` (plain JSON, both): asked for once in the life of the project's
   * cache, so that a synthesis that is begun again goes on where it stopped, and not at all once the budget is used up. Absent
   * where nothing is kept.
   *
   * @throws DdaError `DDA_BUDGET_MONEY`, `DDA_REPLAY_MISS`; whatever `make` throws, which is not kept
   */
  readonly once?: <T>(key: unknown, make: () => Promise<T>) => Promise<T>
}

/** Options → stream of samples. Same request, same samples. */
export interface Synthesizer extends Opens {
  /** Yields samples as it makes them, so that memory does not grow with their number. */
  synthesize(request: SynthesisRequest, context: SynthesisContext): AsyncIterable<Sample>
  /**
   * Gives reference and checklist to samples that have no checklist, for `dda checklist`. All samples come back in their order, each
   * with its id, pictures and instruction; one that gets no checklist as it came, and set aside with the reason.
   */
  annotate?(samples: AsyncIterable<Sample>, context: SynthesisContext): AsyncIterable<Sample>
}
