import type { Sample, SampleShelf } from '@dda-thinker/plugin-api'

/** A {@link SampleShelf} in memory. */
export class MemoryShelf implements SampleShelf {
  readonly #texts: string[] = []

  async put(sample: Sample): Promise<number> {
    return this.#texts.push(JSON.stringify(sample)) - 1
  }

  async take(ticket: number): Promise<Sample> {
    const text = this.#texts[ticket]
    if (text === undefined) throw new RangeError(`no sample was put away under ${ticket}`)
    return JSON.parse(text) as Sample
  }
}
