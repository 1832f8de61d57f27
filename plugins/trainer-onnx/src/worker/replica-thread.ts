import { parentPort, type MessagePort } from 'node:worker_threads'
import type { Scorer } from '../protocol/plan-rows.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import { packError } from '../protocol/worker-error.ts'
import type { DrawnPlan } from './draw-plans.ts'
import type { ReplicaReply, ReplicaRequest } from './replica-messages.ts'
import { type GraphJob, type GraphOutputs, Replica, type SampleJob, type WeightSets } from './replica.ts'

/*
 * A thread with one replica of the network. Weights and gradients cross in shared memory, which ONNX Runtime does not take: both are
 * copied here. A copy takes about a hundredth of a job, and saves keeping track of what has changed.
 */

class SharedReplica {
  readonly #shared: WeightSets
  readonly #own: WeightSets
  readonly #replica: Replica
  #gradient: Float32Array | undefined

  constructor(settings: LearnerSettings, shared: WeightSets) {
    this.#shared = shared
    this.#own = Object.fromEntries(
      Object.entries(shared).map(([whose, theta]) => [whose, new Float32Array(theta.length)]),
    )
    this.#replica = new Replica(settings, this.#own)
  }

  async run(job: GraphJob, gradient: Float32Array | undefined): Promise<GraphOutputs> {
    this.#refresh(job.weights)
    if (gradient === undefined) return this.#replica.run(job)
    if (this.#gradient?.length !== gradient.length) this.#gradient = new Float32Array(gradient.length)
    const outputs = await this.#replica.run(job, this.#gradient)
    gradient.set(this.#gradient)
    return outputs
  }

  sample(job: SampleJob): Promise<DrawnPlan[]> {
    this.#refresh('policy')
    return this.#replica.sample(job)
  }

  close(): Promise<void> {
    return this.#replica.close()
  }

  #refresh(whose: Scorer): void {
    const from = this.#shared[whose]
    if (from !== undefined) this.#own[whose]?.set(from)
  }
}

function serve(port: MessagePort): void {
  let replica: SharedReplica | undefined
  const answer = (request: Exclude<ReplicaRequest, { what: 'open' }>): Promise<unknown> | undefined => {
    if (request.what === 'run') return replica?.run(request.job, request.gradient)
    return request.what === 'sample' ? replica?.sample(request.job) : replica?.close()
  }
  const reply = async (request: Exclude<ReplicaRequest, { what: 'open' }>): Promise<ReplicaReply> => {
    try {
      return { result: await answer(request) }
    } catch (error) {
      return { error: packError(error) }
    }
  }
  port.on('message', (request: ReplicaRequest) => {
    // What fails here ends the thread, which the pool hears of.
    if (request.what === 'open') replica = new SharedReplica(request.settings, request.weights)
    else void reply(request).then((made) => port.postMessage(made))
  })
}

if (parentPort !== null) serve(parentPort)
