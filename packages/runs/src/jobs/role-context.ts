import { canonicalJson, type RoleContext } from '@dda-thinker/plugin-api'
import type { Assembly, Ledger, OpenContext } from '@dda-thinker/core'
import type { SpendingStage } from '@dda-thinker/evaluation'
import { type ContentStore, ResultCache } from '@dda-thinker/store'
import type { RunEvents } from '../record/events.ts'
import type { Workspace } from '../data/workspace.ts'

export interface Signals {
  /** Soft end: nothing new begins, calls under way finish, a checkpoint is written. */
  readonly stop?: AbortSignal
  /** Hard end: calls under way are aborted. */
  readonly signal?: AbortSignal
}

/** What the roles of an operation are opened with. */
export function roleContext(
  assembly: Assembly,
  workspace: Workspace,
  signals: Signals,
  ledger?: Ledger,
): OpenContext & { readonly images: ContentStore } {
  return {
    images: workspace.images,
    signal: signals.signal ?? new AbortController().signal,
    log: assembly.log,
    seed: assembly.config.seed,
    recall: (key, make) => recall(workspace.cache, key, make),
    ...(ledger === undefined
      ? {}
      : {
          meterOf:
            (id: string, plugin: string): Meter =>
            (call) =>
              ledger.call(STAGES[id] ?? 'curate', plugin, call),
        }),
  }
}

async function recall<T>(cache: ResultCache, inputs: unknown, make: () => Promise<T>): Promise<T> {
  const key = ResultCache.key(['recall', 1, inputs])
  const before = await cache.find(key)
  if (cache.replay) {
    if (!isKept(before?.value)) throw ResultCache.miss(key)
    return before.value.it as T
  }
  const it = await make()
  // In an object: JSON has no undefined.
  if (before === undefined || canonicalJson(before.value) !== canonicalJson({ it })) await cache.keep(key, { it })
  return it
}

/** What a cache holds that was changed by hand, or is another program's, is not what was kept. */
function isKept(value: unknown): value is { readonly it?: unknown } {
  return typeof value === 'object' && value !== null && Object.keys(value).every((key) => key === 'it')
}

type Meter = NonNullable<RoleContext['meter']>

/** What the calls of a slot or list are for. */
const STAGES: Readonly<Record<string, SpendingStage>> = {
  synthesizer: 'synthesize',
  curator: 'curate',
  thinker: 'plan',
  trainer: 'plan',
  editor: 'edit',
  judge: 'judge',
  benchmark: 'judge',
}

/** The same, with a soft end when the time that the run may take is over. */
export function withinBudget<T extends Signals>(signals: T, ledger: Ledger): T & { readonly stop: AbortSignal } {
  const { stop } = signals
  return { ...signals, stop: stop === undefined ? ledger.stop : AbortSignal.any([stop, ledger.stop]) }
}

export function isStopped(signals: Signals): boolean {
  return signals.stop?.aborted === true || signals.signal?.aborted === true
}

/** The optional signals as engine options. */
export function engineSignals(signals: Signals): Signals {
  return {
    ...(signals.stop === undefined ? {} : { stop: signals.stop }),
    ...(signals.signal === undefined ? {} : { signal: signals.signal }),
  }
}

/** Warnings go to the listener, or to the log where nobody listens. */
export function warner(assembly: Assembly, events: RunEvents): (message: string) => void {
  return (message) => {
    if (events.onWarning === undefined) assembly.log.warn(message)
    else events.onWarning(message)
  }
}
