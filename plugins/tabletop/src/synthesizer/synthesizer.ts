import type { RoleContext, Sample, Split, SynthesisRequest, Synthesizer } from '@dda-thinker/plugin-api'
import { openWorld } from '@dda-thinker/tabletop-world'
import { Dice } from '../rules/dice.ts'
import { compose } from './compose.ts'
import { literalDraft } from './literal/literal.ts'
import { reasoningDraft } from './reasoning.ts'

/** `reasoning`: tasks to learn from rewards. `literal`: edits told outright, with demonstrations, for a warm start. */
export type Curriculum = 'reasoning' | 'literal'

const SPLITS: readonly Split[] = ['train', 'held-out']

/**
 * Makes samples of the tabletop world. The same request gives the same samples, whatever was made before; a longer request
 * begins with the samples of a shorter one, in each split.
 */
export class TabletopSynthesizer implements Synthesizer {
  readonly #curriculum: Curriculum

  constructor(curriculum: Curriculum) {
    this.#curriculum = curriculum
  }

  async *synthesize(request: SynthesisRequest, context: RoleContext): AsyncIterable<Sample> {
    const world = await openWorld()
    const draft = this.#curriculum === 'literal' ? literalDraft : reasoningDraft
    const seen = new Set<string>()
    for (const split of SPLITS) {
      for (let index = 0, attempt = 0; index < request.count[split]; attempt++) {
        context.signal.throwIfAborted()
        const dice = new Dice(`${this.#curriculum}/${request.seed}/${split}/${index}/${attempt}`)
        const sample = await compose(draft(dice, split, index), dice, request.seed, world, context.images)
        if (seen.has(sample.id)) continue
        seen.add(sample.id)
        index++
        yield sample
      }
    }
  }
}
