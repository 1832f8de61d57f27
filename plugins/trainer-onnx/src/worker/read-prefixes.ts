import type { Feed } from '@dda-thinker/onnx-graph'
import type { PolicyConfig } from '../policy/config.ts'
import { prefixNames, prefixSize } from '../policy/prefix-cache.ts'
import { chunks, prefixFeeds, prefixKey } from './rows.ts'
import type { PromptRow } from '../protocol/plan-rows.ts'
import type { Sessions } from './sessions.ts'

/** Prefixes of one call: one size for all, so that what is read does not depend on the company. */
const PER_CALL = 8

/**
 * Reads every prefix of the rows once, however many rows share it: plans of one sample differ in their seeds alone.
 * @param batch rows of the sampler; those behind the last one repeat it.
 * @returns the sampler's feeds: `prefixMask`, and keys and values under `prefixNames`
 */
export async function readPrefixes(
  sessions: Sessions,
  config: PolicyConfig,
  weights: Readonly<Record<string, Float32Array>>,
  images: readonly Uint8Array[],
  rows: readonly PromptRow[],
  batch: number,
): Promise<Record<string, Feed>> {
  const slots = new Map<string, number[]>()
  for (let i = 0; i < batch; i++) {
    const key = prefixKey(rows[Math.min(i, rows.length - 1)] as PromptRow)
    const list = slots.get(key)
    if (list === undefined) slots.set(key, [i])
    else list.push(i)
  }
  const bucket = { prefixes: PER_CALL, perPrefix: 1, prompt: config.maxPrompt, plan: 1 }
  const size = prefixSize(config, config.maxPrompt)
  const maskSize = size / config.width
  const names = prefixNames(config)
  const caches = Object.fromEntries(names.map((name) => [name, new Float32Array(batch * size)]))
  const prefixMask = new Float32Array(batch * maskSize)
  for (const some of chunks([...slots.values()], PER_CALL)) {
    const session = await sessions.get('prefill', bucket)
    const firsts = some.map(([first = 0]) => rows[Math.min(first, rows.length - 1)] as PromptRow)
    const feeds = prefixFeeds(config, bucket, firsts, images)
    const read = await session.run({ ...weights, ...feeds })
    const place = (to: Float32Array, from: Float32Array, length: number): void => {
      for (const [i, places] of some.entries()) {
        const part = from.subarray(i * length, (i + 1) * length)
        for (const slot of places) to.set(part, slot * length)
      }
    }
    for (const name of names) place(caches[name] as Float32Array, read[name]?.data as Float32Array, size)
    place(prefixMask, feeds['prefixMask'] as Float32Array, maskSize)
  }
  return { ...caches, prefixMask }
}
