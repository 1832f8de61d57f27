import { RoleFrame, type EndpointReport, type RoleContext } from '@dda-thinker/plugin-api'
import { diagnoseEndpoints, type DiagnoseOptions } from './diagnose.ts'
import type { EndpointOptions } from './endpoint-options.ts'
import { checkHeaders } from './request-headers.ts'
import { EndpointSession, type EndpointSessionOptions } from './endpoint-session.ts'
import { modelIdentity } from './model-identity.ts'

/** What a role behind services holds while it is open. */
export interface Service {
  readonly context: RoleContext
  readonly session: EndpointSession
}

export interface ServiceFrameOptions<Own extends object> {
  /** The plugin's name. */
  readonly name: string
  readonly options: EndpointOptions
  /** Limits and health route of the session; the route is asked by `diagnose` too. */
  readonly session?: Pick<EndpointSessionOptions, 'maxBodyBytes' | 'healthPath' | 'checkHealth'>
  /** The configured model, for `diagnose`. */
  readonly model?: string | undefined
  /** What `diagnose` asks one endpoint. Default: the models it lists. */
  readonly ask?: DiagnoseOptions['ask']
  /** One made-up call of the role, for `diagnose`: what came back, a line each; see {@link DiagnoseOptions.trial}. */
  readonly trial?: (service: Service) => Promise<readonly string[]>
  /** One made-up call of the open role, on the one endpoint of the session that it is given; see {@link EndpointSessionOptions.control}. Default: `trial` */
  readonly control?: ((held: Service & Own, signal: AbortSignal) => Promise<unknown>) | undefined
  /** What the role holds beside the session, which is closed where this fails. Default: nothing. */
  readonly own?: (service: Service) => Own | Promise<Own>
  /** What the servers say they serve, for the fingerprint; {@link identifyModel} or the role's own. Default: not asked. */
  readonly identify?: ((held: Service & Own) => Promise<string | undefined>) | undefined
  /** Work of the role that belongs to opening, after `identify`. */
  readonly begin?: (held: Service & Own) => Promise<void>
  /** Ends what `own` made; the session is closed after it, whatever it does. */
  readonly end?: (held: Service & Own) => Promise<void>
}

/** `open`, `close`, `diagnose` and identity of a role behind services, made from its options; the role delegates to it. */
export class ServiceFrame<Own extends object = object> {
  readonly #settings: ServiceFrameOptions<Own>
  readonly #frame: RoleFrame<Service & Own>
  #identity: string | undefined

  /** @throws DdaError `DDA_ENDPOINT_HEADER` */
  constructor(settings: ServiceFrameOptions<Own>) {
    checkHeaders(settings.options)
    this.#settings = settings
    this.#frame = new RoleFrame<Service & Own>({
      role: settings.name,
      end: async (held) => {
        try {
          await settings.end?.(held)
        } finally {
          await held.session.close()
        }
      },
    })
  }

  /** @throws DdaError `DDA_ROLE_CLOSED` outside of `open` and `close`. */
  get held(): Service & Own {
    return this.#frame.held
  }

  get isOpen(): boolean {
    return this.#frame.isOpen
  }

  /** What `identify` found; kept after `close`. */
  get identity(): string | undefined {
    return this.#identity
  }

  /** @throws DdaError `DDA_ENDPOINT_KEY_MISSING`, and what `own`, `identify` and `begin` throw; nothing is open then. */
  async open(context: RoleContext): Promise<void> {
    const { name, options, own, identify, begin, trial, control = trial } = this.#settings
    await this.#frame.open(
      async () => {
        const { log, meter } = context
        const session = new EndpointSession({
          options,
          name,
          log,
          meter,
          ...this.#settings.session,
          ...(control === undefined
            ? {}
            : {
                control: (one, signal) =>
                  control({ ...this.held, session: one, context: { ...context, signal } }, signal),
              }),
        })
        const service = { context, session }
        try {
          return { ...service, ...((await own?.(service)) ?? ({} as Own)) }
        } catch (error) {
          await session.close()
          throw error
        }
      },
      async (held) => {
        if (identify !== undefined) this.#identity = await identify(held)
        await begin?.(held)
      },
    )
  }

  /** Of a role that is not open. @throws as {@link diagnoseEndpoints} */
  async diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    const { log, signal } = context
    const { name, options, model, ask, trial, session = {} } = this.#settings
    const { maxBodyBytes: _unused, ...health } = session
    return diagnoseEndpoints({
      options,
      name,
      log,
      signal,
      model,
      ...health,
      ...(ask === undefined ? {} : { ask }),
      ...(trial === undefined ? {} : { trial: (own) => trial({ context, session: own }) }),
    })
  }

  close(): Promise<void> {
    return this.#frame.close()
  }
}

/** Identity by the list of models; see {@link modelIdentity}. */
export function identifyModel(model: string | undefined): (held: Service) => Promise<string | undefined> {
  return ({ session, context: { signal, log, recall } }) => modelIdentity({ session, model, signal, log, recall })
}
