import { fillPrompt, type Prompts } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem, BenchmarkPart, BenchmarkQuestion } from '@dda-thinker/plugin-api'
import type { PROMPTS } from './prompts.ts'

const SOURCE: BenchmarkPart = { image: 'source', index: 0 }
const REFERENCE: BenchmarkPart = { image: 'reference', index: 0 }
const EDITED: BenchmarkPart = { image: 'edited' }

/** The three calls about an item, each with the pictures that the official script sends, in its order. */
export function questionsOf(item: BenchmarkItem, prompts: Prompts): readonly BenchmarkQuestion[] {
  const text = (name: keyof typeof PROMPTS): BenchmarkPart => ({
    text: fillPrompt(prompts, name, { instruction: item.instruction, reference: item.reference ?? '' }),
  })
  return [
    { key: 'judge1', parts: [text('consistency'), SOURCE, EDITED] },
    { key: 'judge2', parts: [text('reasoning'), SOURCE, REFERENCE, EDITED] },
    { key: 'judge3', parts: [text('quality'), EDITED] },
  ]
}
