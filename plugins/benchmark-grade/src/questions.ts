import { fillPrompt, type Prompts } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem, BenchmarkPart, BenchmarkQuestion } from '@dda-thinker/plugin-api'
import { pointsOf } from './load.ts'
import type { PROMPTS } from './prompts.ts'

const SOURCE: BenchmarkPart = { image: 'source', index: 0 }
const REFERENCE: BenchmarkPart = { image: 'reference', index: 0 }
const EDITED: BenchmarkPart = { image: 'edited' }

/** The calls about an item, with the pictures that the official scripts send; `consistency` where the item has one. */
export function questionsOf(item: BenchmarkItem, prompts: Prompts): readonly BenchmarkQuestion[] {
  const text = (name: keyof typeof PROMPTS): BenchmarkPart => ({
    text: fillPrompt(prompts, name, { instruction: item.instruction }),
  })
  const points = pointsOf(item.entry['questions']) ?? []
  const words = (said: string): BenchmarkPart => ({ text: said })
  const reasoning = [
    text('reasoning'),
    words('Original picture:'),
    SOURCE,
    words('Edited picture:'),
    EDITED,
    words('Right result:'),
    REFERENCE,
    words(points.map(({ question }, i) => `${i + 1}. ${question}`).join('\n')),
  ]
  const kind = item.entry['consistency']
  return [
    { key: 'reasoning', parts: reasoning },
    ...(kind === 'none'
      ? []
      : [
          {
            key: 'consistency',
            parts: [text(kind === 'style' ? 'consistency-style' : 'consistency-overall'), SOURCE, EDITED],
          },
        ]),
    { key: 'readability', parts: [text('readability'), EDITED] },
  ]
}
