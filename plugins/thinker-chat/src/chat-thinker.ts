import type {
  CallOptions,
  EndpointReport,
  Plan,
  PlanRequest,
  PlanResult,
  RoleContext,
  Thinker,
} from '@dda-thinker/plugin-api'
import { drawnPicture, identifyModel, type Service, ServiceFrame, toDataUrl } from '@dda-thinker/endpoints'
import { complete, picturePart, type ChatAnswer, type Part } from '@dda-thinker/endpoints/chat'
import { asFinished } from './as-finished.ts'
import type { ThinkerOptions } from './options.ts'
import { readPlan, type PlanParts } from '@dda-thinker/plan-text'
import { systemPrompt, userMessage } from './prompt.ts'
import { endpointsOf, fingerprintOf, requestFields } from './settings.ts'

/** A frozen Thinker behind `POST {base}/chat/completions`. */
export class ChatThinker implements Thinker {
  readonly cacheable = true
  readonly #options: ThinkerOptions
  readonly #frame: ServiceFrame
  #tokens = { calls: 0, input: 0, output: 0 }

  /** @throws DdaError `DDA_THINKER_OPTIONS`, `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
  constructor(options: ThinkerOptions) {
    this.#options = options
    const { identity, model } = options
    this.#frame = new ServiceFrame({
      name: 'thinker-chat',
      options: { ...options, endpoints: endpointsOf(options) },
      model,
      session: { maxBodyBytes: 16 * 1024 * 1024 },
      identify: identity === 'server' ? identifyModel(model) : undefined,
      trial: (service) => this.#try(service),
      end: async ({ context: { log } }) => {
        const { calls, input, output } = this.#tokens
        if (calls > 0) log.info(`${calls} plans, ${input} tokens in, ${output} tokens out`)
      },
    })
  }

  get fingerprint(): string {
    return fingerprintOf(this.#options, this.#frame.identity)
  }

  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  /** Lists models, and has one plan written for a made-up picture. */
  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#frame.diagnose(context)
  }

  async *plan(requests: readonly PlanRequest[], { signal }: CallOptions): AsyncGenerator<PlanResult> {
    signal.throwIfAborted()
    const opened = this.#frame.held
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

  close(): Promise<void> {
    return this.#frame.close()
  }

  async #planOne(request: PlanRequest, { context, session }: Service, signal: AbortSignal): Promise<Plan> {
    const options = this.#options
    const { id, input, seed, temperature = options.temperature } = request
    const { detail, imageUuid, maxImageBytes, maxPixels } = options
    const settings = { imageUuid, maxImageBytes, maxPixels, ...(detail === undefined ? {} : { detail }) }
    const pictures = await Promise.all(input.images.map((image) => picturePart(context, image, settings)))
    const messages = [systemPrompt(options), userMessage(input, pictures)]
    const fields = requestFields(options, { seed, temperature })
    const answer = await complete(session, { messages, fields, signal, input: `sample ${input.id}` })
    this.#count(answer.cost.inputTokens, answer.cost.outputTokens)
    return { id, sampleId: input.id, ...this.#read(answer), thinker: this.fingerprint, policyVersion: 0, seed }
  }

  async #try({ session, context: { signal } }: Service): Promise<readonly string[]> {
    const { temperature, detail } = this.#options
    const url = toDataUrl(drawnPicture(224), 'image/png')
    const picture: Part = { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } }
    const user = userMessage({ id: 'trial', images: [], instruction: 'Make the ball blue.' }, [picture])
    const fields = requestFields(this.#options, { seed: 0, temperature })
    const answer = await complete(session, { messages: [systemPrompt(this.#options), user], fields, signal })
    const { format, executable } = this.#read(answer)
    const shown = session.redactor.excerpt(executable === '' ? answer.text : executable, 80)
    return [
      `asked for a plan, it wrote "${shown}"`,
      ...(format.ok ? [] : [`that is not the form that is asked for: ${format.problem}`]),
    ]
  }

  #read({ text, cut }: ChatAnswer): PlanParts {
    const { answerAfter, tags, planLimit } = this.#options
    const start = answerAfter === undefined ? -1 : text.lastIndexOf(answerAfter)
    const written = start < 0 ? text : text.slice(start + (answerAfter ?? '').length)
    return readPlan(written, { tags, ended: !cut, limit: planLimit, strip: true })
  }

  #count(input = 0, output = 0): void {
    const { calls, ...tokens } = this.#tokens
    this.#tokens = { calls: calls + 1, input: tokens.input + input, output: tokens.output + output }
  }
}
