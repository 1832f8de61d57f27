import { type RoleContext, type Sample, SPLITS, type SynthesisRequest, type Synthesizer } from '@dda-thinker/plugin-api'
import { openWorld } from '@dda-thinker/tabletop-world'
import { Dice } from '../rules/dice.ts'
import { compose } from './compose/compose.ts'
import { literalDraft } from './literal/literal.ts'
import { unclearDraft } from './literal/unclear.ts'
import { reasoningDraft } from './compose/reasoning.ts'
import { composedDraft } from './composed/composed.ts'
import { unclearComposedDraft } from './composed/unclear-composed.ts'

const DRAFTS = {
  reasoning: reasoningDraft,
  composed: composedDraft,
  literal: literalDraft,
  unclear: unclearDraft,
  'unclear-composed': unclearComposedDraft,
}

/**
 * To learn from rewards: `reasoning`, tasks of one rule, and `composed`, of two or three at once. With demonstrations, for a warm start:
 * `literal`, edits told outright; `unclear` and `unclear-composed`, ideas carried out that have nothing to do with the sentences
 * beside them.
 */
export type Curriculum = keyof typeof DRAFTS

/** Every {@link Curriculum}. */
export const CURRICULA = Object.keys(DRAFTS) as readonly Curriculum[]

/**
 * Makes samples of the tabletop world. The same request gives the same samples, whatever was made before; a longer request
 * begins with the samples of a shorter one, in each split.
 */
export class TabletopSynthesizer implements Synthesizer {
  readonly #curriculum: Curriculum
  readonly #share: number

  /** @param share of the requested samples that it makes, so that several can make them together; 0 to 1, default 1 */
  constructor(curriculum: Curriculum, share = 1) {
    this.#curriculum = curriculum
    this.#share = share
  }

  async *synthesize(request: SynthesisRequest, context: RoleContext): AsyncIterable<Sample> {
    const world = await openWorld()
    const draft = DRAFTS[this.#curriculum]
    const seen = new Set<string>()
    for (const split of SPLITS) {
      const count = Math.round(request.count[split] * this.#share)
      for (let index = 0, attempt = 0; index < count; attempt++) {
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
