import type { LearnerSettings } from '../protocol/settings.ts'
import type { ErrorMessage } from '../protocol/worker-error.ts'
import type { GraphJob, SampleJob, WeightSets } from './replica.ts'

/** What a thread with a replica is told, one at a time. All but `open`, which comes first, is answered. */
export type ReplicaRequest =
  | { readonly what: 'open'; readonly settings: LearnerSettings; readonly weights: WeightSets }
  | { readonly what: 'run'; readonly job: GraphJob; readonly gradient: Float32Array | undefined }
  | { readonly what: 'sample'; readonly job: SampleJob }
  | { readonly what: 'close' }

export type ReplicaReply = { readonly result: unknown } | { readonly error: ErrorMessage }
