import { fillPrompt, type Prompts } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem, BenchmarkPart, BenchmarkQuestion } from '@dda-thinker/plugin-api'
import { isLogical } from './categories.ts'
import { isConsistencyFree } from './consistency-free.ts'
import type { PROMPTS } from './prompts.ts'

type Name = keyof typeof PROMPTS

const SOURCE: BenchmarkPart = { image: 'source', index: 0 }
const REFERENCE: BenchmarkPart = { image: 'reference', index: 0 }
const EDITED: BenchmarkPart = { image: 'edited' }

/**
 * The calls about an item, each with the pictures that the official script sends: `judge1` appearance consistency, `judge2`
 * instruction reasoning, `judge3` visual plausibility. Where the item has a reference picture, the official script lays it
 * before `judge1` in place of the original, and so do we.
 */
export function questionsOf(item: BenchmarkItem, prompts: Prompts): readonly BenchmarkQuestion[] {
  const text = (name: Name): BenchmarkPart => ({
    text: fillPrompt(prompts, name, { instruction: item.instruction, reference: item.reference ?? '' }),
  })
  const names = namesOf(item)
  const compared = names.byReference ? REFERENCE : SOURCE
  const consistency = { key: 'judge1', parts: [text(names.consistency), compared, EDITED] }
  const seen = names.byReference || names.withOriginal ? [compared, EDITED] : [EDITED]
  const reasoning = { key: 'judge2', parts: [text(names.reasoning), ...seen] }
  return [
    ...(isConsistencyFree(item) ? [] : [consistency]),
    reasoning,
    ...(names.plausibility === undefined ? [] : [{ key: 'judge3', parts: [text(names.plausibility), EDITED] }]),
  ]
}

interface Names {
  readonly consistency: Name
  readonly reasoning: Name
  readonly plausibility?: Name
  readonly byReference: boolean
  readonly withOriginal: boolean
}

function namesOf(item: BenchmarkItem): Names {
  const has = (key: string): boolean => item.entry[key] !== undefined && item.entry[key] !== null
  const withOriginal = has('reasoning_img')
  if (isLogical(item.category)) {
    const byReference = !has('reference_txt') && has('reference_img')
    return byReference
      ? {
          consistency: 'logical-consistency',
          reasoning: has('reasoning_wo_ins') ? 'logical-by-image-without-question' : 'logical-by-image',
          byReference,
          withOriginal: false,
        }
      : {
          consistency: 'logical-consistency-with-answer',
          reasoning: 'logical-by-text',
          byReference,
          withOriginal: false,
        }
  }
  if (item.category === 'spatial_reasoning') {
    const byReference = has('reference_img')
    return {
      consistency: 'spatial-consistency',
      reasoning: byReference
        ? 'spatial-reasoning-by-image'
        : withOriginal
          ? 'spatial-reasoning-with-original'
          : 'spatial-reasoning',
      plausibility: 'spatial-plausibility',
      byReference,
      withOriginal: withOriginal && !byReference,
    }
  }
  return {
    consistency: 'consistency',
    reasoning: withOriginal ? 'reasoning-with-original' : 'reasoning',
    plausibility: 'plausibility',
    byReference: false,
    withOriginal,
  }
}
