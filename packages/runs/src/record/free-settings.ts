import { SERVICE_OPTIONS } from '@dda-thinker/plugin-api'
import { PLUGIN_KEYS, type ProjectConfig } from '@dda-thinker/config'

/** Settings that may change while a run goes on: they have no part in its results. */
const FREE = [
  // A benchmark's judge and rules are read anew each time; answers are kept by what they were asked.
  'benchmark',
  'budget',
  'engine.concurrency',
  'engine.deadline',
  'eval',
  'runs',
  'synthesize',
  'synthesizer',
  'curator',
  'train.keepCheckpoints',
  'train.steps',
]

/** What makes a run the run that it is. Where services are is no part of it: roles tell what they are by their fingerprints. */
export function withoutFree(config: ProjectConfig): Readonly<Record<string, unknown>> {
  const copy = structuredClone(config) as Record<string, unknown>
  // With stale rollouts checkpoints are where the overlap pauses, so they have a part in the results.
  const free = config.train.maxStaleness === 0 ? [...FREE, 'train.checkpointEvery'] : FREE
  for (const path of free) {
    const parts = path.split('.')
    const last = parts.pop() ?? ''
    let at: Record<string, unknown> | undefined = copy
    for (const part of parts) at = at?.[part] as Record<string, unknown> | undefined
    if (at !== undefined) delete at[last]
  }
  for (const { key } of PLUGIN_KEYS) {
    const blocks = copy[key]
    for (const block of Array.isArray(blocks) ? blocks : [blocks]) dropServiceOptions(block)
  }
  return copy
}

function dropServiceOptions(block: unknown): void {
  if (typeof block !== 'object' || block === null) return
  for (const name of SERVICE_OPTIONS) delete (block as Record<string, unknown>)[name]
}
