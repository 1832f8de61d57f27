import {
  DdaError,
  type CallOptions,
  type EndpointReport,
  type Plan,
  type PlanRequest,
  type PlanResult,
  type RoleContext,
  type Thinker,
} from '@dda-thinker/plugin-api'
import { diagnoseEndpoints, EndpointSession, modelIdentity } from '@dda-thinker/endpoints'
import { complete, picturePart } from '@dda-thinker/endpoints/chat'
import { asFinished } from './as-finished.ts'
import type { ThinkerOptions } from './options.ts'
import { readPlan } from '@dda-thinker/plan-text'
import { systemPrompt, userMessage } from './prompt.ts'
import { endpointsOf, fingerprintOf, requestFields } from './settings.ts'

interface Opened {
  readonly context: RoleContext
  readonly session: EndpointSession
}

/** A frozen Thinker behind `POST {base}/chat/completions`. */
export class ChatThinker implements Thinker {
  readonly cacheable = true
  readonly #options: ThinkerOptions
  readonly #endpoints: readonly string[]
  #identity: string | undefined
  #opened: Opened | undefined
  #tokens = { calls: 0, input: 0, output: 0 }

  /** @throws DdaError `DDA_THINKER_OPTIONS`, `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
  constructor(options: ThinkerOptions) {
    this.#options = options
    this.#endpoints = endpointsOf(options)
  }

  get fingerprint(): string {
    return fingerprintOf(this.#options, this.#identity)
  }

  async open(context: RoleContext): Promise<void> {
    const { log, meter, signal } = context
    const { identity, model } = this.#options
    const session = new EndpointSession({
      options: { ...this.#options, endpoints: this.#endpoints },
      name: 'thinker-chat',
      log,
      meter,
      maxBodyBytes: 16 * 1024 * 1024,
    })
    this.#opened = { context, session }
    try {
      if (identity === 'server')
        this.#identity = await modelIdentity({ session, model, signal, log, recall: context.recall })
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async diagnose({ log, signal }: RoleContext): Promise<readonly EndpointReport[]> {
    const { model } = this.#options
    const options = { ...this.#options, endpoints: this.#endpoints }
    return diagnoseEndpoints({ options, name: 'thinker-chat', log, signal, model })
  }

  async *plan(requests: readonly PlanRequest[], { signal }: CallOptions): AsyncGenerator<PlanResult> {
    signal.throwIfAborted()
    const opened = this.#opened
    if (opened === undefined) {
      throw new DdaError('DDA_THINKER_CLOSED', 'The Thinker is not open', { next: 'Call open() first.' })
    }
    const scope = new AbortController()
    const onAbort = (): void => scope.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    const limit = opened.session.pool.concurrency
    try {
      yield* asFinished(requests, { limit, stop: () => scope.abort() }, async (request): Promise<PlanResult> => {
        try {
          return { id: request.id, plan: await this.#planOne(request, opened, scope.signal) }
        } catch (error) {
          return { id: request.id, error }
        }
      })
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    if (opened === undefined) return
    const { calls, input, output } = this.#tokens
    if (calls > 0) opened.context.log.info(`${calls} plans, ${input} tokens in, ${output} tokens out`)
    await opened.session.close()
  }

  async #planOne(request: PlanRequest, { context, session }: Opened, signal: AbortSignal): Promise<Plan> {
    const options = this.#options
    const { id, input, seed, temperature = options.temperature } = request
    const { detail, imageUuid, maxImageBytes, answerAfter, tags, planLimit } = options
    const settings = { imageUuid, maxImageBytes, ...(detail === undefined ? {} : { detail }) }
    const pictures = await Promise.all(input.images.map((image) => picturePart(context, image, settings)))
    const messages = [systemPrompt(options), userMessage(input, pictures)]
    const answer = await complete(session, { messages, fields: requestFields(options, { seed, temperature }), signal })
    this.#count(answer.cost.inputTokens, answer.cost.outputTokens)
    const start = answerAfter === undefined ? -1 : answer.text.lastIndexOf(answerAfter)
    const written = start < 0 ? answer.text : answer.text.slice(start + (answerAfter ?? '').length)
    const parts = readPlan(written, { tags, ended: !answer.cut, limit: planLimit, strip: true })
    return { id, sampleId: input.id, ...parts, thinker: this.fingerprint, policyVersion: 0, seed }
  }

  #count(input = 0, output = 0): void {
    const { calls, ...tokens } = this.#tokens
    this.#tokens = { calls: calls + 1, input: tokens.input + input, output: tokens.output + output }
  }
}
