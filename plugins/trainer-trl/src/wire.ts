import type { EngineMessage } from '@dda-thinker/engine-data'

/** What the worker (python/dda_trl) is told and answers. */
export interface PlanWanted {
  readonly id: string
  readonly messages: readonly EngineMessage[]
  readonly seed: number
  readonly temperature: number
}

/** One event of `plan`. */
export interface PlanWritten {
  readonly id: string
  readonly text: string
  readonly ended: boolean
}

/** The answer to `step`. */
export interface StepDone {
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
}

/** What the interpreter has; `missing` where a package cannot be imported. */
export interface Capabilities {
  readonly missing?: string
  readonly trl?: string
}
