import type { Edit, List, Scope, Slot, Thinker } from '@dda-thinker/plugin-api'
import { type Assembly, createEngine, type Engine, Ledger, type OpenContext } from '@dda-thinker/core'
import type { ContentStore } from '@dda-thinker/store'
import type { Workspace } from '../data/workspace.ts'
import type { RunEvents } from '../record/events.ts'
import { engineSignals, roleContext, type Signals, withinBudget } from './role-context.ts'
import { workOf } from './work.ts'

export interface JobOptions extends Signals {
  readonly workspace: Workspace
}

/** What varies between the engines of jobs. */
export interface JobEngineOptions {
  readonly thinker: Thinker
  /** What the checklists ask about. */
  readonly scopes: readonly Scope[]
  /** Requests in one call of the Thinker. */
  readonly planBatch?: number
  /** Edits that were made before, by rollout id; the Editor is not asked then. */
  readonly edits?: Pick<ReadonlyMap<string, Edit>, 'get' | 'has'>
}

/** What every job over the roles of an assembly works with: books, signals within the budget, opened roles, engines. */
export interface Job {
  readonly assembly: Assembly
  readonly ledger: Ledger
  /** The caller's, with a soft end when the time that the run may take is over. */
  readonly signals: Signals & { readonly stop: AbortSignal }
  readonly context: OpenContext & { readonly images: ContentStore }
  /** The caller disposes it. @param assembly where it is to differ in a slot from the job's */
  engine(options: JobEngineOptions, assembly?: Assembly): Engine
}

/**
 * Opens the roles of a job. The ledger keeps its books in memory until the job gives it a run directory.
 *
 * @param events the caller's; told of what goes on
 * @throws DdaError whatever a role's `open` throws
 */
export async function openJob(
  assembly: Assembly,
  options: JobOptions,
  roles: readonly (Slot<unknown> | List<unknown>)[],
  events: RunEvents = {},
): Promise<Job> {
  const { workspace } = options
  // A cache that cannot be read ends the job here, not in the middle of its first step.
  await workspace.cache.load()
  const ledger = new Ledger(assembly.config.budget)
  const context = roleContext(assembly, workspace, options, ledger)
  await assembly.open(roles, context)
  const { stop, signal } = options
  const given: Signals = { ...(stop === undefined ? {} : { stop }), ...(signal === undefined ? {} : { signal }) }
  const signals = withinBudget(given, ledger)
  // Of those that a job makes, one is at work at a time.
  let engine: Engine | undefined
  events.onWork?.(() => workOf(assembly, ledger, engine))
  return {
    assembly,
    ledger,
    signals,
    context,
    engine: ({ thinker, scopes, planBatch, edits }, bound = assembly) =>
      (engine = createEngine(bound, {
        thinker,
        images: workspace.images,
        cache: workspace.cache,
        seed: assembly.config.seed,
        scopes,
        ledger,
        ...(planBatch === undefined ? {} : { planBatch }),
        ...(edits === undefined ? {} : { edits }),
        ...engineSignals(signals),
      })),
  }
}
