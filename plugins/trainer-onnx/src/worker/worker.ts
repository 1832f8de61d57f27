import { parentPort, type MessagePort } from 'node:worker_threads'
import { errors } from '../errors.ts'
import { Learner } from './learner.ts'
import { packError } from '../protocol/worker-error.ts'
import type { WorkerMethod, WorkerMethods, WorkerRequest, WorkerResponse } from '../protocol/worker-protocol.ts'

/*
 * The thread that owns the weights. ONNX Runtime computes on the calling thread, so that thread must not be the one that serves the
 * engine. Requests are taken in order, and one at a time unless they only sample.
 */

let learner: Learner | undefined

function running(): Learner {
  if (learner === undefined) {
    throw errors.make('DDA_TRAINER_WORKER/not-started')
  }
  return learner
}

type Handler<M extends WorkerMethod> = (
  args: WorkerMethods[M]['args'],
  cancelled: () => boolean,
) => WorkerMethods[M]['result'] | Promise<WorkerMethods[M]['result']>

const handlers: { readonly [M in WorkerMethod]: Handler<M> } = {
  async start({ settings, theta }) {
    await learner?.close()
    learner = new Learner(settings, theta)
    return null
  },
  sample: ({ images, rows }) => running().sample(images, rows),
  score: ({ images, rows, which }) => running().score(images, rows, which),
  update: ({ images, rows, streams }, cancelled) => running().update({ images, rows, streams }, cancelled),
  imitate: ({ images, rows }, cancelled) => running().imitate(images, rows, cancelled),
  identify: () => running().weightsId,
  pretrain: ({ images, labels, learningRate }) => running().pretrain(images, labels, learningRate),
  snapshot: () => running().snapshot(),
  restore(snapshot) {
    running().restore(snapshot)
    return null
  },
  async stop() {
    await learner?.close()
    learner = undefined
    return null
  },
}

async function answer<M extends WorkerMethod>({ method, args, cancel }: WorkerRequest<M>): Promise<unknown> {
  return handlers[method](args, () => Atomics.load(cancel, 0) === 1)
}

/** Buffers of the typed arrays directly inside a result: they move to the caller instead of being copied. */
function transferable(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  return Object.values(result).flatMap((value) => (value instanceof Float32Array ? [value.buffer as ArrayBuffer] : []))
}

/** Serves requests from a port until it closes. */
export function serve(port: MessagePort): void {
  // Sampling changes nothing, so that several calls of it may go on together; everything else goes by itself.
  let changed = Promise.resolve()
  let idle = Promise.resolve()
  const handle = async (request: WorkerRequest): Promise<void> => {
    let response: WorkerResponse
    try {
      response = { id: request.id, result: await answer(request) }
    } catch (error) {
      response = { id: request.id, error: packError(error) }
    }
    port.postMessage(response, 'result' in response ? transferable(response.result) : [])
  }
  port.on('message', (request: WorkerRequest) => {
    const begin = request.method === 'sample' ? changed : idle
    const done = begin.then(() => handle(request))
    if (request.method !== 'sample') changed = done
    idle = Promise.all([idle, done]).then(() => undefined)
  })
}

if (parentPort !== null) serve(parentPort)
