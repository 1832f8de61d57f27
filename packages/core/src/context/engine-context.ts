import type PQueue from 'p-queue'
import type { Edit, Editor, Judge, Plan, RewardDecomposition, Sample, Scope, Thinker } from '@dda-thinker/plugin-api'
import type { Assembly } from '../assembly/assembly.ts'
import type { ContentStore, ResultCache } from '@dda-thinker/store'
import type { Ledger } from '../ledger/ledger.ts'
import type { AbortScope } from './abort-scope.ts'

/** One rollout wanted. */
export interface RolloutRequest {
  /** Becomes the id of the rollout and of its plan; unique within the run. */
  readonly id: string
  readonly sample: Sample
  /** Rollouts of the same sample in the same step. */
  readonly group: string
  /** Position in the group, from 0. */
  readonly member: number
  /** Training step; 0 outside training. */
  readonly step: number
  readonly planSeed: number
  /** Sampling temperature; 0 is greedy. Default: the Thinker's own. */
  readonly temperature?: number
  /** The halves of the checklist that it is asked; without the visual one nothing is edited. Default: both. */
  readonly asked?: readonly Scope[]
  /** What the Thinker made of it before: it is not asked again. */
  readonly plan?: Plan
}

/** Calls made and calls that a kept or shared result saved. */
export interface Tally {
  made: number
  reused: number
}

export interface EngineStats {
  readonly plans: Tally
  readonly edits: Tally
  readonly judgements: Tally
  /** Edits that the gate saved. */
  gated: number
}

/** How many calls of a plugin's function wait for their turn, at this moment. */
export interface Waiting {
  readonly plugin: string
  readonly call: string
  readonly count: number
}

/** A judge and the queue that bounds the calls to it. */
export interface JudgeSeat {
  readonly judge: Judge
  readonly plugin: string
  readonly queue: PQueue
}

/** What the plan, edit and judge stages of one engine share. */
export interface EngineContext {
  readonly assembly: Assembly
  readonly images: ContentStore
  readonly cache: ResultCache
  readonly seed: number
  readonly thinker: Thinker
  readonly thinkerPlugin: string
  readonly editor: Editor
  readonly editorPlugin: string
  readonly editQueue: PQueue
  /** Bounds the edits that were begun and are not on the record: what a full disk or a kill can cost. */
  readonly recordQueue: PQueue
  /** By rollout id; where they are given, nothing is edited. */
  readonly edits: Pick<ReadonlyMap<string, Edit>, 'get' | 'has'> | undefined
  /** The judges of each scope, in config order. */
  readonly judges: ReadonlyMap<Scope, readonly JudgeSeat[]>
  readonly reward: RewardDecomposition
  readonly rewardPlugin: string
  readonly stats: EngineStats
  readonly ledger: Ledger
  /** Aborted when calls under way must end. */
  readonly scope: AbortScope
  /** True once no new call may begin. */
  readonly stopping: () => boolean
  /** The same for calls that outlive the stream of rollouts which they are made for: true once the run itself ends. */
  readonly ending: () => boolean
}
