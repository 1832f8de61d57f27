import type {
  CallOptions,
  EndpointReport,
  Plan,
  PlanRequest,
  PlanResult,
  RoleContext,
  Thinker,
} from '@dda-thinker/plugin-api'
import { plannerPrompt, plannerRequest, plansAsFinished, readPlanned } from '@dda-thinker/chat-roles'
import { drawnPicture, identifyModel, type Service, ServiceFrame, toDataUrl } from '@dda-thinker/endpoints'
import { complete, picturePart, type Part } from '@dda-thinker/endpoints/chat'
import type { ThinkerOptions } from './options.ts'
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

  plan(requests: readonly PlanRequest[], { signal }: CallOptions): AsyncGenerator<PlanResult> {
    const opened = this.#frame.held
    const limit = opened.session.pool.concurrency
    return plansAsFinished(requests, { limit, signal }, (request, scoped) => this.#planOne(request, opened, scoped))
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
    const messages = [plannerPrompt(options), plannerRequest(input, pictures)]
    const fields = requestFields(options, { seed, temperature })
    const answer = await complete(session, { messages, fields, signal, input: `sample ${input.id}` })
    this.#count(answer.cost.inputTokens, answer.cost.outputTokens)
    return {
      id,
      sampleId: input.id,
      ...readPlanned(answer, this.#options),
      thinker: this.fingerprint,
      policyVersion: 0,
      seed,
    }
  }

  async #try({ session, context: { signal } }: Service): Promise<readonly string[]> {
    const { temperature, detail } = this.#options
    const url = toDataUrl(drawnPicture(224), 'image/png')
    const picture: Part = { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } }
    const user = plannerRequest({ id: 'trial', images: [], instruction: 'Make the ball blue.' }, [picture])
    const fields = requestFields(this.#options, { seed: 0, temperature })
    const answer = await complete(session, { messages: [plannerPrompt(this.#options), user], fields, signal })
    const { format, executable } = readPlanned(answer, this.#options)
    const shown = session.redactor.excerpt(executable === '' ? answer.text : executable, 80)
    return [
      `asked for a plan, it wrote "${shown}"`,
      ...(format.ok ? [] : [`that is not the form that is asked for: ${format.problem}`]),
    ]
  }

  #count(input = 0, output = 0): void {
    const { calls, ...tokens } = this.#tokens
    this.#tokens = { calls: calls + 1, input: tokens.input + input, output: tokens.output + output }
  }
}
