import type { LanguageModel } from 'ai'
import type {
  CallOptions,
  EndpointReport,
  Judge,
  JudgeRequest,
  JudgeSight,
  RoleContext,
  Scope,
  Verdict,
} from '@dda-thinker/plugin-api'
import {
  type AskedModel,
  type CanaryWatch,
  ChecklistAsker,
  parseVerdicts,
  PROMPT_VERSION,
  verdictSchema,
} from '@dda-thinker/chat-roles'
import { afterThinking } from '@dda-thinker/endpoints/chat'
import { SANITISER_VERSION } from '@dda-thinker/plan-text'
import { completeWith } from './chat.ts'
import { errors } from './errors.ts'
import { modelFingerprint } from './fingerprint.ts'
import { type ModelHeld, ModelService } from './model-service.ts'
import type { JudgeOptions } from './options.ts'

interface Own {
  readonly canaries: CanaryWatch | undefined
}

/** A checklist judge behind any language model of the AI SDK that sees pictures. */
export class AiSdkJudge implements Judge {
  readonly scopes: readonly Scope[]
  readonly sees: readonly JudgeSight[]
  readonly concurrency: number
  readonly #options: JudgeOptions
  readonly #asker: ChecklistAsker
  readonly #service: ModelService<LanguageModel, Own>

  /**
   * @param from a file beside the config: the provider is looked for from there
   * @throws DdaError `DDA_AI_SDK_OPTIONS`
   */
  constructor(options: JudgeOptions, from: string) {
    const { scope, sees, perEndpoint, samples, temperature } = options
    if (samples > 1 && temperature === 0) throw errors.make('DDA_AI_SDK_OPTIONS/temperature', { samples })
    this.#options = options
    this.scopes = scope === 'both' ? ['cognitive', 'visual'] : [scope]
    this.sees = sees
    this.concurrency = perEndpoint
    this.#asker = new ChecklistAsker({
      name: 'ai-sdk',
      options,
      scopes: this.scopes,
      ask: options.ask,
      fingerprint: () => this.fingerprint,
      read: (answer, count) => parseVerdicts(afterThinking(answer.text, options.answerAfter), count),
      unreadable: ({ text }, problem, { redactor }) => {
        const said = redactor.excerpt(text, 120)
        const shown = said === '' ? '' : `. The last one: ${said}`
        const holes = { attempts: options.answerAttempts, problem, shown }
        return errors.make('DDA_JUDGE_UNPARSABLE/ai-sdk', holes, { kind: 'bad-output' })
      },
    })
    this.#service = new ModelService<LanguageModel, Own>({
      options,
      from,
      method: 'languageModel',
      maxBodyBytes: 16 * 1024 * 1024,
      own: (held) => ({ canaries: this.#asker.canaries(this.#asking(held as ModelHeld<LanguageModel>)) }),
      trial: (held) => this.#asker.try(this.#asking(held as ModelHeld<LanguageModel>)),
      end: ({ context, canaries }) => this.#asker.settle(context, canaries),
    })
  }

  /** Everything that changes its verdicts. */
  get fingerprint(): string {
    const { perEndpoint, adaptive, timeoutSeconds, attempts, retryDelaySeconds, breakerFailures, ...rest } =
      this.#options
    const { breakerSeconds, giveUpSeconds, maxPauseSeconds, price, apiKeyEnv, canaries, ...own } = rest
    void [perEndpoint, adaptive, timeoutSeconds, attempts, retryDelaySeconds, breakerFailures]
    void [breakerSeconds, giveUpSeconds, maxPauseSeconds, price, apiKeyEnv, canaries]
    return modelFingerprint('judge', this.#options, { ...own, prompt: PROMPT_VERSION, sanitiser: SANITISER_VERSION })
  }

  open(context: RoleContext): Promise<void> {
    return this.#service.open(context)
  }

  /** Asks one made-up question of each scope. */
  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#service.diagnose(context)
  }

  async judge(request: JudgeRequest, { signal }: CallOptions): Promise<readonly Verdict[]> {
    signal.throwIfAborted()
    const { canaries, ...held } = this.#service.held
    canaries?.check()
    const verdicts = await this.#asker.ask(request, this.#asking(held), signal)
    canaries?.see(request)
    return verdicts
  }

  close(): Promise<void> {
    return this.#service.close()
  }

  #asking(held: ModelHeld<LanguageModel>) {
    return { context: held.context, model: this.#modelIn(held) }
  }

  #modelIn(held: ModelHeld<LanguageModel>): AskedModel {
    const { temperature, retryTemperature, seed, samples, maxTokens, providerOptions, structured, reasons } =
      this.#options
    return {
      redactor: held.session.redactor,
      complete: ({ messages, count, attempt, sample, input, signal }) =>
        completeWith(this.#service, held, {
          messages,
          input,
          signal,
          temperature: attempt === 0 ? temperature : Math.max(temperature, retryTemperature),
          // Repetitions must not repeat another sample's seed.
          seed: seed + sample + attempt * samples,
          maxTokens,
          providerOptions,
          ...(structured ? { schema: verdictSchema(count, reasons) } : {}),
        }),
    }
  }
}
