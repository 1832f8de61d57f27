import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { canonicalJson } from '@dda-thinker/plugin-api'
import { valueStreams } from '@dda-thinker/ppo-options'
import { completeTrainerOptions, type ThinkerOptions, type TrainerOptions } from './options.ts'

/** What the worker is for; a frozen policy has neither optimiser nor reference. */
export type Role = 'trainer' | 'thinker'

/** Options that are this side's alone. */
const OWN = ['streams', 'tags', 'temperature', 'python', 'threads', 'deadline', 'processes'] as const

/** Options that decide where and how fast numbers are made, not which. */
const PHYSICAL = [
  'model',
  'python',
  'device',
  'threads',
  'deadline',
  'processes',
  'parallel',
  'microBatchTokens',
  'microBatch',
  'gradientCheckpointing',
  'rollback',
] as const

/** Paths of models are relative to the config; names on the hub are left alone. */
export function withAbsoluteModels<T extends ThinkerOptions | TrainerOptions>(
  options: T,
  resolvePath: (path: string) => string,
): T {
  const absolute = (model: string): string => (isPath(model) ? resolve(resolvePath(model)) : model)
  const critic =
    'critic' in options && options.critic.model !== null
      ? { critic: { ...options.critic, model: absolute(options.critic.model) } }
      : {}
  return { ...options, ...critic, model: absolute(options.model) }
}

function isPath(model: string): boolean {
  return /^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[A-Za-z]:[/\\])/.test(model)
}

/**
 * The `options` of `open` in PROTOCOL.md: every value, null where none is set, because the worker has no defaults. A frozen policy
 * gets those of training too, and heeds none.
 */
export function workerSettings(given: ThinkerOptions | TrainerOptions): Readonly<Record<string, unknown>> {
  const options = 'advantage' in given ? given : completeTrainerOptions(without(given, ['temperature']) as typeof given)
  const { revision, device, dtype, attention, minPixels, maxPixels, microBatch, total, kl, imitation } = options
  return {
    ...without(options, OWN),
    revision: revision ?? null,
    device: device ?? null,
    dtype: dtype ?? null,
    attention: attention ?? null,
    minPixels: minPixels ?? null,
    maxPixels: maxPixels ?? null,
    microBatch: microBatch ?? null,
    total: total ?? null,
    kl: { ...kl, target: kl.target ?? null },
    valueStreams: valueStreams(options),
    imitation: { ...imitation, total: imitation.total ?? null },
  }
}

/** Twelve hex digits of everything in the options that changes plans or updates; the model itself is named by its content. */
export function settingsHash(options: ThinkerOptions | TrainerOptions): string {
  const { concurrency, ...rollout } = options.rollout
  void concurrency
  const text = canonicalJson({ ...without(options, PHYSICAL), rollout })
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

function without(options: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => value !== undefined && !keys.includes(key)),
  )
}
