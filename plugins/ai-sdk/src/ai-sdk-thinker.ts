import type { LanguageModel } from 'ai'
import type {
  CallOptions,
  EndpointReport,
  Plan,
  PlanRequest,
  PlanResult,
  RoleContext,
  Thinker,
} from '@dda-thinker/plugin-api'
import { plannerHash, plannerPrompt, plannerRequest, plansAsFinished, readPlanned } from '@dda-thinker/chat-roles'
import { drawnPicture, toDataUrl } from '@dda-thinker/endpoints'
import { type Part, picturePart } from '@dda-thinker/endpoints/chat'
import { completeWith } from './chat.ts'
import { errors } from './errors.ts'
import { modelFingerprint } from './fingerprint.ts'
import { type ModelHeld, ModelService } from './model-service.ts'
import type { ThinkerOptions } from './options.ts'

/** A frozen Thinker behind any language model of the AI SDK that sees pictures. */
export class AiSdkThinker implements Thinker {
  readonly cacheable = true
  readonly #options: ThinkerOptions
  readonly #service: ModelService<LanguageModel>

  /**
   * @param from a file beside the config: the provider is looked for from there
   * @throws DdaError `DDA_AI_SDK_OPTIONS`
   */
  constructor(options: ThinkerOptions, from: string) {
    if (options.tags.reasoning === options.tags.plan) throw errors.make('DDA_AI_SDK_OPTIONS/tags')
    this.#options = options
    this.#service = new ModelService<LanguageModel>({
      options,
      from,
      method: 'languageModel',
      maxBodyBytes: 16 * 1024 * 1024,
      trial: (held) => this.#try(held as ModelHeld<LanguageModel>),
    })
  }

  /** Everything that changes the plans. */
  get fingerprint(): string {
    const { temperature, maxTokens, tags, planLimit, answerAfter, maxPixels } = this.#options
    const prompt = plannerHash(this.#options)
    return modelFingerprint('thinker', this.#options, {
      prompt,
      temperature,
      maxTokens,
      tags,
      planLimit,
      answerAfter,
      maxPixels,
    })
  }

  open(context: RoleContext): Promise<void> {
    return this.#service.open(context)
  }

  /** Has one plan written for a made-up picture. */
  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#service.diagnose(context)
  }

  plan(requests: readonly PlanRequest[], { signal }: CallOptions): AsyncGenerator<PlanResult> {
    const { held } = this.#service
    return plansAsFinished(requests, { limit: this.#options.perEndpoint, signal }, (request, scoped) =>
      this.#planOne(request, held, scoped),
    )
  }

  close(): Promise<void> {
    return this.#service.close()
  }

  async #planOne(request: PlanRequest, held: ModelHeld<LanguageModel>, signal: AbortSignal): Promise<Plan> {
    const { id, input, seed, temperature = this.#options.temperature } = request
    const { maxImageBytes, maxPixels } = this.#options
    const settings = { imageUuid: false, maxImageBytes, maxPixels }
    const pictures = await Promise.all(input.images.map((image) => picturePart(held.context, image, settings)))
    const answer = await completeWith(this.#service, held, {
      messages: [plannerPrompt(this.#options), plannerRequest(input, pictures)],
      ...this.#decoding(temperature, seed),
      signal,
      input: `sample ${input.id}`,
    })
    const read = readPlanned(answer, this.#options)
    return { id, sampleId: input.id, ...read, thinker: this.fingerprint, policyVersion: 0, seed }
  }

  #decoding(temperature: number, seed: number) {
    const { maxTokens, providerOptions } = this.#options
    return { temperature, maxTokens, providerOptions, ...(temperature > 0 ? { seed: seed % 2 ** 31 } : {}) }
  }

  async #try(held: ModelHeld<LanguageModel>): Promise<readonly string[]> {
    const picture: Part = { type: 'image_url', image_url: { url: toDataUrl(drawnPicture(224), 'image/png') } }
    const user = plannerRequest({ id: 'trial', images: [], instruction: 'Make the ball blue.' }, [picture])
    const answer = await completeWith(this.#service, held, {
      messages: [plannerPrompt(this.#options), user],
      ...this.#decoding(this.#options.temperature, 0),
      signal: held.context.signal,
      input: 'trial',
    })
    const { format, executable } = readPlanned(answer, this.#options)
    const shown = held.session.redactor.excerpt(executable === '' ? answer.text : executable, 80)
    return [
      `asked for a plan, it wrote "${shown}"`,
      ...(format.ok ? [] : [`that is not the form that is asked for: ${format.problem}`]),
    ]
  }
}
