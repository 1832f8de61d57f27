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
import { type AskedModel, type CanaryWatch, ChecklistAsker } from '@dda-thinker/chat-roles'
import { type EndpointSession, identifyModel, type Service, ServiceFrame } from '@dda-thinker/endpoints'
import { complete } from '@dda-thinker/endpoints/chat'
import type { JudgeOptions } from './options.ts'
import { fingerprintOf } from './fingerprint.ts'
import { readAnswers } from './read-answers.ts'
import { requestFields, schemaOf, settingsOf, type Settings } from './settings.ts'
import { trySchema } from './schema-trial.ts'
import { unreadable } from './unreadable.ts'

interface Own {
  readonly canaries: CanaryWatch | undefined
}

/** A checklist judge behind `POST {base}/chat/completions`. */
export class VlmJudge implements Judge {
  readonly scopes: readonly Scope[]
  readonly sees: readonly JudgeSight[]
  readonly concurrency: number
  readonly #settings: Settings
  readonly #frame: ServiceFrame<Own>
  readonly #asker: ChecklistAsker

  /** @throws DdaError `DDA_JUDGE_OPTIONS`, `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
  constructor(options: JudgeOptions) {
    this.#settings = settingsOf(options)
    this.scopes = this.#settings.scopes
    this.sees = options.sees
    this.concurrency = this.#settings.endpoints.length * options.perEndpoint
    this.#asker = new ChecklistAsker({
      name: 'judge-vlm',
      options,
      scopes: this.scopes,
      ask: this.#settings.ask,
      fingerprint: () => this.fingerprint,
      read: (answer, count) => readAnswers(answer, count, options),
      unreadable: (last, problem, { redactor }) => unreadable(last, problem, { options, redactor }),
    })
    this.#frame = this.#makeFrame(options)
  }

  /** Everything that changes its verdicts; never where the servers are or how they are called. */
  get fingerprint(): string {
    return fingerprintOf(this.#settings, this.#frame.identity)
  }

  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  /** Lists models, asks one made-up question of each scope, and looks whether `structured` has an effect. */
  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#frame.diagnose(context)
  }

  async judge(request: JudgeRequest, { signal }: CallOptions): Promise<readonly Verdict[]> {
    signal.throwIfAborted()
    const { canaries, ...held } = this.#frame.held
    canaries?.check()
    const verdicts = await this.#asker.ask(request, this.#asking(held), signal)
    canaries?.see(request)
    return verdicts
  }

  close(): Promise<void> {
    return this.#frame.close()
  }

  #makeFrame({ identity, model, ...options }: JudgeOptions): ServiceFrame<Own> {
    return new ServiceFrame<Own>({
      name: 'judge-vlm',
      options: { ...options, endpoints: this.#settings.endpoints },
      model,
      session: { maxBodyBytes: 16 * 1024 * 1024 },
      own: (service) => ({ canaries: this.#asker.canaries(this.#asking(service)) }),
      identify: identity === 'server' ? identifyModel(model) : undefined,
      trial: async (service) => [
        ...(await this.#asker.try(this.#asking(service))),
        ...(await trySchema(this.#settings, service.session, service.context.signal)),
      ],
      end: ({ context, canaries }) => this.#asker.settle(context, canaries),
    })
  }

  #asking({ context, session }: Service) {
    return { context, model: this.#modelBehind(session) }
  }

  #modelBehind(session: EndpointSession): AskedModel {
    return {
      redactor: session.redactor,
      complete: ({ messages, count, attempt, sample, input, signal }) => {
        const schema = schemaOf(this.#settings, count)
        const fields = requestFields(this.#settings, { attempt, sample, schema })
        return complete(session, { messages, fields, signal, input })
      },
    }
  }
}
