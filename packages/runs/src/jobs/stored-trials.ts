import { counts, EDITOR, JUDGES, REWARD, type Rollout, type Thinker, Type } from '@dda-thinker/plugin-api'
import type { Assembly, RolloutRequest } from '@dda-thinker/core'
import { type ContentStore, ResultCache } from '@dda-thinker/store'
import { ROLLOUT } from '../shapes/record-shapes.ts'
import { shapeProblem } from '../shapes/shape.ts'

const TRIALS = Type.Array(ROLLOUT)

/**
 * Rollouts that were tried before, by all that decides them: curation with another band finds them made, also where the Thinker is a policy
 * under training, whose plans are kept nowhere else. Token traces are left out, since nobody trains on these; masked rollouts are
 * tried again.
 */
export class StoredTrials {
  readonly #cache: ResultCache
  readonly #images: ContentStore
  readonly #who: unknown

  /** @param thinker open, so that its fingerprint is known */
  constructor(
    stores: { readonly cache: ResultCache; readonly images: ContentStore },
    assembly: Assembly,
    thinker: Thinker,
  ) {
    this.#cache = stores.cache
    this.#images = stores.images
    this.#who = {
      thinker: thinker.fingerprint,
      editor: assembly.resolve(EDITOR).fingerprint,
      judges: assembly.all(JUDGES).map(({ fingerprint }) => fingerprint),
      reward: assembly.resolve(REWARD).fingerprint,
      gate: assembly.config.engine.gate,
      seed: assembly.config.seed,
      taps: (['plan', 'edit', 'judge'] as const).map((hook) => assembly.hookOrder(hook)),
    }
  }

  /** By member; what is not there was not tried, or failed. */
  async find(request: RolloutRequest): Promise<ReadonlyMap<number, Rollout>> {
    const kept = await this.#cache.find(this.#key(request))
    const found = new Map<number, Rollout>()
    // Anything else is tried again.
    if (shapeProblem(TRIALS, kept?.value ?? []) !== undefined) return found
    for (const rollout of (kept?.value ?? []) as readonly Rollout[]) {
      const { edit, member } = rollout
      // A curator may look at the picture.
      if (edit === undefined || (await this.#images.has(edit.image))) found.set(member, rollout)
    }
    return found
  }

  /** @param rollouts of one sample, all that there are */
  async keep(request: RolloutRequest, rollouts: readonly Rollout[]): Promise<void> {
    const counted = rollouts.filter(({ outcome }) => counts(outcome))
    if (counted.length > 0) await this.#cache.keep(this.#key(request), counted.map(withoutTokens))
  }

  /** One entry a sample: an index of every rollout would outgrow everything else. */
  #key({ group, sample, temperature }: RolloutRequest): string {
    const { images, instruction, reference, referenceImage, checklist } = sample
    const task = { images, instruction, reference, referenceImage: referenceImage ?? null, checklist }
    return ResultCache.key(['trials', 1, this.#who, group, task, temperature ?? null])
  }
}

function withoutTokens({ plan, ...rollout }: Rollout): Rollout {
  if (plan === undefined) return rollout
  const { tokens: _tokens, ...rest } = plan
  return { ...rollout, plan: rest }
}
