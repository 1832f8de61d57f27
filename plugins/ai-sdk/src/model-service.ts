import type { Cost, EndpointReport, RoleContext } from '@dda-thinker/plugin-api'
import { type EndpointSession, type Service, ServiceFrame } from '@dda-thinker/endpoints'
import { callErrors } from './errors.ts'
import { modelFetch, type ModelFetch } from './model-fetch.ts'
import { type ModelOptions, poolOptions, serviceName } from './options.ts'
import { loadModel } from './provider.ts'
import { readFailure } from './read-failure.ts'

export interface ModelServiceOptions<Model, Extra extends object> {
  readonly options: ModelOptions
  /** A file beside the config: the provider is looked for from there. */
  readonly from: string
  readonly method: 'imageModel' | 'languageModel'
  /** Largest answer, bytes. */
  readonly maxBodyBytes: number
  /** What the role holds beside the model. Default: nothing */
  readonly own?: (held: ModelHeld<unknown>) => Extra
  readonly trial?: (held: ModelHeld<unknown>) => Promise<readonly string[]>
  /** Default: `trial`. */
  readonly control?: (held: ModelHeld<Model>, signal: AbortSignal) => Promise<unknown>
  readonly end?: (held: Service & Extra) => Promise<void>
}

/** A model with the session that its calls go through. */
export interface ModelHeld<Model> extends Service {
  readonly model: Model
}

export interface ModelCall {
  readonly signal: AbortSignal
  /** Texts of others in the request, for example a plan. */
  readonly sent: readonly string[]
  /** Names what is worked on, as for the session's `run`. */
  readonly input: string
}

/** What the SDK tells of settings that a model does not take. */
export interface SdkWarning {
  readonly type: string
  readonly feature?: string
  readonly details?: string
  readonly message?: string
}

/**
 * What the roles share: a model of the configured provider, made when the role opens, and calls of it in our own pool (limits,
 * retries, budget), whose failures are ours. The SDK itself repeats nothing.
 */
export class ModelService<Model, Extra extends object = object> {
  readonly name: string
  readonly #settings: ModelServiceOptions<Model, Extra>
  readonly #frame: ServiceFrame<{ readonly model: Model; readonly network: ModelFetch } & Extra>
  readonly #told = new Set<string>()

  constructor(settings: ModelServiceOptions<Model, Extra>) {
    const { options } = settings
    this.#settings = settings
    this.name = serviceName(options)
    this.#frame = new ServiceFrame({
      name: 'ai-sdk',
      options: poolOptions(options),
      own: async (service) => {
        const { model, network } = await this.#make()
        return { model, network, ...(settings.own?.({ ...service, model }) ?? ({} as Extra)) }
      },
      ask: () => this.#ask(),
      ...(settings.trial === undefined ? {} : { trial: (service: Service) => this.#try(service) }),
      ...(settings.control === undefined ? {} : { control: settings.control }),
      end: async (held) => {
        try {
          await settings.end?.(held)
        } finally {
          await held.network.close()
        }
      },
    })
  }

  get held(): ModelHeld<Model> & Extra {
    return this.#frame.held
  }

  open(context: RoleContext): Promise<void> {
    silence()
    return this.#frame.open(context)
  }

  async diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    silence()
    context.signal.throwIfAborted()
    return this.#frame.diagnose(context)
  }

  close(): Promise<void> {
    return this.#frame.close()
  }

  /** One result of the model, with our retries. @throws EndpointError; the signal's reason */
  run<T>(
    session: EndpointSession,
    { signal, sent, input }: ModelCall,
    work: (signal: AbortSignal, bill: (cost: Cost) => void) => Promise<T>,
  ): Promise<T> {
    return session.run(
      async (_endpoint, bill) => {
        const scope = new AbortController()
        const onAbort = (): void => scope.abort(signal.reason)
        signal.addEventListener('abort', onAbort, { once: true })
        const seconds = this.#settings.options.timeoutSeconds
        const late = callErrors.make(
          'DDA_ENDPOINT_TIMEOUT/ai-sdk',
          { service: this.name, seconds },
          { kind: 'timeout' },
        )
        const timer = setTimeout(() => scope.abort(late), seconds * 1000)
        try {
          return await work(scope.signal, bill)
        } catch (error) {
          signal.throwIfAborted()
          if (scope.signal.aborted) throw late
          throw readFailure(error, { service: this.name, redactor: session.redactor, sent })
        } finally {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
        }
      },
      signal,
      input,
    )
  }

  /** Each is told once. */
  warn(warnings: readonly SdkWarning[] | undefined, { log }: RoleContext): void {
    for (const { type, feature, details, message } of warnings ?? []) {
      const text = [feature === undefined ? type : `${type} ${feature}`, details ?? message].filter(Boolean).join(': ')
      if (this.#told.has(text)) continue
      this.#told.add(text)
      log.warn(`${this.name}: ${text}`)
    }
  }

  async #make(): Promise<{ readonly model: Model; readonly network: ModelFetch }> {
    const { options, from, method, maxBodyBytes } = this.#settings
    const make = await loadModel<Model>(options, from, method)
    const network = modelFetch(options, maxBodyBytes)
    try {
      return { model: make(network.fetch), network }
    } catch (error) {
      await network.close()
      throw error
    }
  }

  async #ask() {
    const { network } = await this.#make()
    await network.close()
    const notes = this.#settings.trial === undefined ? ['the provider is there; no picture was asked for'] : []
    return { unproven: this.#settings.trial === undefined, notes }
  }

  async #try(service: Service): Promise<readonly string[]> {
    const { model, network } = await this.#make()
    try {
      return (await this.#settings.trial?.({ ...service, model })) ?? []
    } finally {
      await network.close()
    }
  }
}

/** The SDK prints warnings to the console, which belongs to the command; they go to the log of the role. */
function silence(): void {
  const scope = globalThis as { AI_SDK_LOG_WARNINGS?: unknown }
  scope.AI_SDK_LOG_WARNINGS ??= false
}
