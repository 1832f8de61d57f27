import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makePng } from '@dda-thinker/testkit'

const picture = (shade: number) => makePng({ width: 4, height: 4, pixel: () => [shade, 0, 0] })

/** A generated data folder in the layout of RISE-Bench: each category, each flag, each kind of reference. */
export const ENTRIES: readonly Readonly<Record<string, string | boolean>>[] = [
  {
    index: 'temporal_reasoning_1',
    category: 'temporal_reasoning',
    subtask: 'Life Progression',
    reference: 'It is old.',
  },
  {
    index: 'temporal_reasoning_2',
    category: 'temporal_reasoning',
    subtask: 'Environmental Cycles',
    reference: 'Snow.',
    consistency_free: true,
  },
  {
    index: 'causal_reasoning_1',
    category: 'causal_reasoning',
    subtask: 'State Transition',
    reference: 'It melts.',
    reasoning_img: true,
  },
  {
    index: 'causal_reasoning_2',
    category: 'causal_reasoning',
    subtask: 'Physics Manifestation',
    reference: 'It falls.',
  },
  {
    index: 'spatial_reasoning_1',
    category: 'spatial_reasoning',
    subtask: 'Layout Reasoning',
    reference_img: 'spatial_reasoning_images/1_ref.png',
  },
  {
    index: 'spatial_reasoning_2',
    category: 'spatial_reasoning',
    subtask: 'Viewpoint Generation',
    reference: 'From above.',
    reasoning_img: true,
  },
  {
    index: 'logical_reasoning_1',
    category: 'logical_reasoning',
    subtask: 'Puzzle Solving',
    reference_img: 'logical_reasoning_images/1_ref.png',
  },
  {
    index: 'logical_reasoning_2',
    category: 'logical_reasoning',
    subtask: 'Pattern Prediction',
    reference_txt: 'Seven.',
  },
  {
    index: 'logical_reasoning_3',
    category: 'logical_reasoning',
    subtask: 'Pattern Prediction',
    reference_img: 'logical_reasoning_images/3_ref.png',
    reasoning_wo_ins: true,
  },
]

export async function writeRiseData(folder: string): Promise<string> {
  const entries = ENTRIES.map((entry, at) => ({
    ...entry,
    instruction: `Do what number ${at} asks for.`,
    image: `${String(entry['category'])}_images/${String(entry['index']).split('_').at(-1)}.png`,
  }))
  const pictures = entries.flatMap((entry) => {
    const { image } = entry
    const reference = 'reference_img' in entry ? entry['reference_img'] : undefined
    return typeof reference === 'string' ? [image, reference] : [image]
  })
  for (const [at, path] of pictures.entries()) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), picture(10 * at))
  }
  await writeFile(join(folder, 'data_total.json'), JSON.stringify(entries))
  return folder
}
