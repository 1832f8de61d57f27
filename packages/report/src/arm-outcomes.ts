/** Outcomes in numbers; masked ones count in no figure. */
const MASKED = 0
const UNSOLVED = 1
const SOLVED = 2

/** What became of each rollout of an arm, by its place: 5 bytes of each, so that rows are made without reading rollouts again. */
export class ArmOutcomes {
  /** Of the samples in their list; -1 where it has none such. */
  readonly samples: Int32Array
  readonly #marks: Uint8Array

  /** @param length how many rollouts the arm has; all are masked and of no sample until they are set */
  constructor(length: number) {
    this.samples = new Int32Array(length).fill(-1)
    this.#marks = new Uint8Array(length)
  }

  /** @param solved undefined where it is masked */
  set(place: number, sample: number, solved: boolean | undefined): void {
    this.samples[place] = sample
    this.#marks[place] = solved === undefined ? MASKED : solved ? SOLVED : UNSOLVED
  }

  /** Whether it was solved; undefined where it is masked. */
  solved(place: number): boolean | undefined {
    const mark = this.#marks[place] ?? MASKED
    return mark === MASKED ? undefined : mark === SOLVED
  }

  /** Different samples among those that are listed. */
  countSamples(): number {
    const found = this.samples.toSorted()
    let count = 0
    for (let at = 0; at < found.length; at += 1) if (found[at] !== -1 && found[at] !== found[at - 1]) count += 1
    return count
  }
}
