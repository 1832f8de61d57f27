import type { BenchmarkItem } from '@dda-thinker/plugin-api'

/**
 * Which frame of four is to be predicted: the last (forward), the first (reverse) or one between. Told by the name of the
 * reference picture, `<id>-<frame>.jpg`, or else by the one frame that the sources lack. Undefined for other folders.
 */
export function temporalTask(item: BenchmarkItem): 'forward' | 'intermediate' | 'reverse' | undefined {
  if (item.category !== 'temporal_prediction') return undefined
  const frame = missingFrame(item)
  if (frame === 1) return 'reverse'
  if (frame === 4) return 'forward'
  return frame === 2 || frame === 3 ? 'intermediate' : undefined
}

/** Number of the frame to predict, from 1; undefined where the names do not tell. */
export function missingFrame({ images, referenceImages = [] }: BenchmarkItem): number | undefined {
  const [expected] = referenceImages.flatMap(frameOf)
  if (expected !== undefined) return expected
  const given = new Set(images.flatMap(frameOf))
  const missing = [1, 2, 3, 4].filter((frame) => !given.has(frame))
  return missing.length === 1 ? missing[0] : undefined
}

function frameOf(path: string): readonly number[] {
  const frame = /\d+-(\d+)/.exec(path.split('/').at(-1) ?? '')?.[1]
  return frame === undefined ? [] : [Number(frame)]
}
