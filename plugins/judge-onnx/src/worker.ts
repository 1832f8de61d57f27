import { parentPort, type MessagePort } from 'node:worker_threads'
import { detailsOf, type ErrorKey, isDdaError } from '@dda-thinker/plugin-api'
import { Embedder } from './embed.ts'
import { psnr } from './psnr.ts'
import { meanSsim } from './ssim.ts'
import type { PackedError, Work, WorkAnswer, WorkName, WorkRequest } from './worker-protocol.ts'

/*
 * The thread that computes: ONNX Runtime and SSIM take the calling thread for hundreds of milliseconds, and that must not be
 * the one that serves the engine. Requests are answered one at a time, in order.
 */
const models = new Map<string, Embedder>()

const work: { readonly [N in WorkName]: (args: Work[N]['args']) => Work[N]['result'] | Promise<Work[N]['result']> } = {
  async load(settings) {
    for (const one of settings) models.set(one.name, await Embedder.load(one))
    return null
  },
  ssim: meanSsim,
  psnr,
  async embed({ model, data, dims }) {
    const embedder = models.get(model)
    if (embedder === undefined) throw new Error(`model ${model} is not loaded`)
    return embedder.embed(data, dims)
  },
  async close() {
    for (const model of models.values()) await model.release()
    models.clear()
    return null
  },
}

function serve(port: MessagePort): void {
  let last = Promise.resolve()
  const handle = async <N extends WorkName>({ id, name, args }: WorkRequest<N>): Promise<void> => {
    let answer: WorkAnswer
    try {
      answer = { id, result: await work[name](args) }
    } catch (error) {
      answer = { id, error: pack(error) }
    }
    port.postMessage(answer)
  }
  port.on('message', (request: WorkRequest) => {
    last = last.then(() => handle(request))
  })
}

function pack(error: unknown): PackedError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined }
  const { message, stack } = error
  if (!isDdaError(error)) return { message, stack }
  return { message, stack, code: error.code as ErrorKey, details: detailsOf(error) }
}

if (parentPort !== null) serve(parentPort)
