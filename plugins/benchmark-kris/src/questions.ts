import { fillPrompt, type Prompts } from '@dda-thinker/benchmark-kit'
import type { BenchmarkItem, BenchmarkPart, BenchmarkQuestion } from '@dda-thinker/plugin-api'
import { dimensionOf } from './folders.ts'
import type { PROMPTS } from './prompts.ts'
import { missingFrame } from './temporal-task.ts'

type Name = keyof typeof PROMPTS

const EDITED: BenchmarkPart = { image: 'edited' }
const source = (index: number): BenchmarkPart => ({ image: 'source', index })
const words = (text: string): BenchmarkPart => ({ text })

/** The three calls about an item, each with the pictures that the official scripts mean to send. */
export function questionsOf(item: BenchmarkItem, prompts: Prompts): readonly BenchmarkQuestion[] {
  const prompt = (name: Name): BenchmarkPart =>
    words(fillPrompt(prompts, name, { instruction: item.instruction, explanation: item.reference ?? '' }))
  const quality = { key: 'quality', parts: [prompt('quality'), words('This is the picture to judge:'), EDITED] }
  const asked = (key: string, name: Name, pictures: readonly BenchmarkPart[]) => ({
    key,
    parts: [prompt(name), ...pictures],
  })
  if (item.category === 'multi-element_composition') {
    const pictures = [
      ...item.images.flatMap((_, at) => [words(`Source ${at + 1}:`), source(at)]),
      words('Result:'),
      EDITED,
    ]
    return [
      asked('consistency', 'consistency-multi', pictures),
      asked('instruction', 'instruction-multi', pictures),
      quality,
    ]
  }
  if (item.category === 'temporal_prediction') {
    const given = item.images.flatMap((_, at) => [words(`Given frame ${at + 1}:`), source(at)])
    return [
      asked('consistency', 'consistency-temporal', [...given, words('Generated frame:'), EDITED]),
      asked('instruction', 'instruction-temporal', inOrder(item)),
      quality,
    ]
  }
  const pair = [words('This is the original picture:'), source(0), words('This is the edited picture:'), EDITED]
  const consistency = asked('consistency', 'consistency', pair)
  if (dimensionOf(item.category).metrics.includes('knowledge'))
    return [consistency, asked('joint', 'joint', pair), quality]
  if (item.category === 'viewpoint_change' && item.referenceImages !== undefined) {
    const triple = [...pair, words('This is the right result:'), { image: 'reference', index: 0 } as const]
    return [consistency, asked('instruction', 'instruction-viewpoint', triple), quality]
  }
  const name = item.category === 'anomaly_correction' ? 'instruction-anomaly' : 'instruction'
  return [consistency, asked('instruction', name, pair), quality]
}

/** The frames in the order of time, the generated one at its place; at the end where the names do not tell. */
function inOrder(item: BenchmarkItem): readonly BenchmarkPart[] {
  const place = Math.min((missingFrame(item) ?? item.images.length + 1) - 1, item.images.length)
  const frames: BenchmarkPart[] = item.images.map((_, at) => source(at))
  frames.splice(place, 0, EDITED)
  return frames.flatMap((frame, at) => [words(`Frame ${at + 1}${frame === EDITED ? ' (generated)' : ''}:`), frame])
}
