import type { RoleContext } from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly.ts'
import type { ContentStore } from '../store/content-store.ts'
import type { RunEvents } from './events.ts'
import type { Workspace } from './workspace.ts'

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
): RoleContext & { readonly images: ContentStore } {
  return {
    images: workspace.images,
    signal: signals.signal ?? new AbortController().signal,
    log: assembly.log,
    seed: assembly.config.seed,
  }
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
