import { MASKED, type Feed } from '@dda-thinker/onnx-graph'
import type { PolicyConfig } from '../policy/config.ts'
import type { Bucket } from '../policy/graphs.ts'
import { patchCount, patchLength } from '../policy/patches.ts'
import { END_ID, READ_ONLY } from '../policy/vocabulary.ts'
import type { PlanRow, PromptRow } from '../protocol/plan-rows.ts'

/** The same for rows with the same image and instruction. */
export function prefixKey(row: PromptRow): string {
  return `${row.image} ${row.prompt.join(' ')}`
}

/** Rows that share their prefix, up to {@link Bundles.perPrefix} of them. */
export type Bundle = readonly number[]

/** Rows arranged so that plans of the same prefix stand together and share its computation. */
export interface Bundles {
  readonly perPrefix: number
  readonly bundles: readonly Bundle[]
}

/** Groups rows by image and instruction, in bundles of the size (1, 2, 4 or 8) that leaves the least to compute. */
export function bundleRows(config: PolicyConfig, rows: readonly PlanRow[]): Bundles {
  const byPrefix = new Map<string, number[]>()
  for (const [i, row] of rows.entries()) {
    const key = prefixKey(row)
    const list = byPrefix.get(key)
    if (list === undefined) byPrefix.set(key, [i])
    else list.push(i)
  }
  const prefixLength = patchCount(config.image) + config.maxPrompt
  let best: (Bundles & { readonly cost: number }) | undefined
  for (const perPrefix of [1, 2, 4, 8]) {
    const bundles = [...byPrefix.values()].flatMap((list) => chunks(list, perPrefix))
    const cost = bundles.length * (prefixLength + perPrefix * config.maxPlan)
    if (best === undefined || cost < best.cost) best = { perPrefix, bundles, cost }
  }
  return best ?? { perPrefix: 1, bundles: [] }
}

/** One call of the runtime: bundles as feeds. */
export interface PlanBatch {
  readonly bucket: Bucket
  /** Which row each slot of the batch holds; -1: filling. */
  readonly slots: readonly number[]
  readonly feeds: Readonly<Record<string, Feed>>
}

/** Bundles that go into one call at most: `microBatch` plans, and one bundle at least. */
export function bundlesPerCall(microBatch: number, perPrefix: number): number {
  return Math.max(1, Math.floor(microBatch / perPrefix))
}

/** Packs at most {@link bundlesPerCall} bundles. */
export function packPlans(
  settings: { readonly config: PolicyConfig; readonly microBatch: number },
  perPrefix: number,
  bundles: readonly Bundle[],
  rows: readonly PlanRow[],
  images: readonly Uint8Array[],
): PlanBatch {
  const { config, microBatch } = settings
  const used = bundles.flat().map((i) => rows[i] as PlanRow)
  const bucket: Bucket = {
    prefixes: sizeBucket(bundles.length, bundlesPerCall(microBatch, perPrefix)),
    perPrefix,
    prompt: lengthBucket(
      used.map((row) => row.prompt),
      config.maxPrompt,
    ),
    plan: lengthBucket(
      used.map((row) => row.tokens),
      config.maxPlan,
    ),
  }
  const slots = Array.from({ length: bucket.prefixes * perPrefix }, (_, slot) => {
    return bundles[Math.floor(slot / perPrefix)]?.[slot % perPrefix] ?? -1
  })
  const prefixRows = bundles.map(([first = 0]) => rows[first] as PlanRow)
  const feeds = { ...prefixFeeds(config, bucket, prefixRows, images), ...planFeeds(config, bucket, slots, rows) }
  return { bucket, slots, feeds }
}

/** Prefixes as feeds; those behind the last one repeat it, so that they hold ordinary numbers. */
export function prefixFeeds(
  config: PolicyConfig,
  bucket: Pick<Bucket, 'prefixes' | 'prompt'>,
  rows: readonly PromptRow[],
  images: readonly Uint8Array[],
): Record<string, Feed> {
  const { prefixes, prompt: length } = bucket
  const count = patchCount(config.image)
  const size = count * patchLength(config.image)
  const patches = new Uint8Array(prefixes * size)
  const prompt = new Int32Array(prefixes * length).fill(config.emittable + READ_ONLY.indexOf('<pad>'))
  const prefixMask = new Float32Array(prefixes * (count + length)).fill(MASKED)
  for (let i = 0; i < prefixes; i++) {
    const row = rows[Math.min(i, rows.length - 1)]
    if (row === undefined) break
    const image = images[row.image]
    const at = i * (count + length)
    if (image !== undefined) {
      patches.set(image, i * size)
      prefixMask.fill(0, at, at + count)
    }
    prompt.set(row.prompt, i * length)
    prefixMask.fill(0, at + count, at + count + row.prompt.length)
  }
  return { patches, prompt, prefixMask }
}

/** What each slot multiplies its logits by; greedy plans have the log-probs of temperature 1. */
export function inverseTemperatures(slots: readonly (PromptRow | undefined)[]): Float32Array {
  return Float32Array.from(slots, (row) => (row === undefined || row.temperature === 0 ? 1 : 1 / row.temperature))
}

function planFeeds(
  config: PolicyConfig,
  bucket: Bucket,
  slots: readonly number[],
  rows: readonly PlanRow[],
): Record<string, Feed> {
  const { plan } = bucket
  const planInputs = new Int32Array(slots.length * plan).fill(config.emittable + READ_ONLY.indexOf('<pad>'))
  const actions = new Int32Array(slots.length * plan).fill(END_ID)
  for (const [slot, row] of slots.entries()) {
    planInputs[slot * plan] = config.emittable + READ_ONLY.indexOf('<bos>')
    const tokens = rows[row]?.tokens ?? []
    actions.set(tokens, slot * plan)
    planInputs.set(tokens.slice(0, plan - 1), slot * plan + 1)
  }
  return { planInputs, actions, inverseTemperature: inverseTemperatures(slots.map((row) => rows[row])) }
}

/** Numbers of rows, [rows, columns], brought into the slots of a batch, zeros elsewhere: [slots, plan]. */
export function toSlots(table: Float64Array, columns: number, batch: PlanBatch): Float64Array {
  const { plan } = batch.bucket
  const placed = new Float64Array(batch.slots.length * plan)
  const used = Math.min(columns, plan)
  for (const [slot, row] of batch.slots.entries()) {
    if (row >= 0) placed.set(table.subarray(row * columns, row * columns + used), slot * plan)
  }
  return placed
}

/** A power of two, or the limit: few sizes, because each has a session and its memory. */
function sizeBucket(count: number, limit: number): number {
  let size = 1
  while (size < count || size * 4 < limit) size *= 2
  return Math.min(size, limit)
}

/** The smallest multiple of 8 that holds the tokens, at most `limit`. */
function lengthBucket(lists: readonly (readonly number[])[], limit: number): number {
  const longest = lists.reduce((most, list) => Math.max(most, list.length), 1)
  return Math.min(Math.ceil(longest / 8) * 8, limit)
}

/** Consecutive pieces of at most `size`. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  const pieces: T[][] = []
  for (let at = 0; at < list.length; at += size) pieces.push(list.slice(at, at + size))
  return pieces
}

/** Consecutive pieces, at most one element apart in size; fewer where there are fewer elements. */
export function evenly<T>(list: readonly T[], pieces: number): T[][] {
  const count = Math.min(pieces, list.length)
  const at = (i: number): number => Math.round((i * list.length) / count)
  return Array.from({ length: count }, (_, i) => list.slice(at(i), at(i + 1)))
}
