import { type EndpointReport, isDdaError, type Logger } from '@dda-thinker/plugin-api'
import type { EndpointError } from './endpoint-error.ts'
import type { EndpointOptions } from './endpoint-options.ts'
import { EndpointSession, QUICK_MS, type EndpointSessionOptions } from './endpoint-session.ts'
import type { Endpoint } from './endpoint.ts'

/** What a service says of itself. */
export type EndpointFacts = Pick<EndpointReport, 'models' | 'notes' | 'unproven'>

export interface DiagnoseOptions extends Pick<EndpointSessionOptions, 'healthPath' | 'checkHealth' | 'env'> {
  readonly options: EndpointOptions
  /** The plugin's name. */
  readonly name: string
  readonly log: Logger
  readonly signal: AbortSignal
  /** The configured model: a note says where an endpoint does not list it. */
  readonly model?: string | undefined
  /** Asks one endpoint what it serves. Default: {@link listModels}. Whatever it throws is the endpoint's error. */
  readonly ask?: (session: EndpointSession, endpoint: Endpoint, signal: AbortSignal) => Promise<EndpointFacts>
  /**
   * One real call of the role, made up, on the first endpoint that can be reached; the session has only that one and repeats
   * nothing. What came back, a line each. Whatever it throws is the endpoint's error. Default: none
   */
  readonly trial?: (session: EndpointSession, signal: AbortSignal) => Promise<readonly string[]>
}

/**
 * Reaches every endpoint once, all side by side, without retries, and makes one real call of the role where there is one to
 * make: the `diagnose` of a role with {@link EndpointOptions}.
 * Its session is its own and is closed again.
 *
 * @throws DdaError `DDA_ENDPOINT_KEY_MISSING`; the signal's reason
 */
export async function diagnoseEndpoints(settings: DiagnoseOptions): Promise<readonly EndpointReport[]> {
  const { signal, ask = listModels, trial, ...rest } = settings
  const session = new EndpointSession(rest)
  try {
    const reports = await Promise.all(
      session.pool.endpoints.map(async (endpoint): Promise<EndpointReport> => {
        const { url } = endpoint
        const begun = performance.now()
        try {
          await session.health(endpoint, signal)
          const facts = await ask(session, endpoint, signal)
          const ms = Math.round(performance.now() - begun)
          return { url, ms, ...facts, ...missing(facts, settings.model) }
        } catch (error) {
          signal.throwIfAborted()
          return { url, error }
        }
      }),
    )
    const at = reports.findIndex(({ error }) => error === undefined)
    const reached = reports[at]
    if (trial === undefined || reached === undefined) return reports
    return reports.with(at, await withTrial(reached, { ...settings, trial }))
  } finally {
    await session.close()
  }
}

async function withTrial(
  report: EndpointReport,
  { trial, ...settings }: DiagnoseOptions & Required<Pick<DiagnoseOptions, 'trial'>>,
): Promise<EndpointReport> {
  const { url, notes = [], unproven: _unproven, ...rest } = report
  const session = new EndpointSession({ ...settings, options: { ...settings.options, endpoints: [url], attempts: 1 } })
  try {
    return { url, ...rest, notes: [...notes, ...(await trial(session, settings.signal))] }
  } catch (error) {
    settings.signal.throwIfAborted()
    return { ...report, error }
  } finally {
    await session.close()
  }
}

/** Refusals that come from a live server without such a list. */
const NOT_OFFERED = ['DDA_ENDPOINT_NOT_FOUND', 'DDA_ENDPOINT_REJECTED', 'DDA_ENDPOINT_FORBIDDEN']

/** The names under `GET {base}/models` (OpenAI's list); none, and a note, where the route is not offered. */
export async function listModels(
  session: EndpointSession,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<EndpointFacts> {
  let body: unknown
  try {
    body = await session.json(endpoint, { method: 'GET', path: 'models', signal, timeoutMs: QUICK_MS })
  } catch (error) {
    if (!isDdaError(error) || !NOT_OFFERED.includes(error.code)) throw error
    const note = `it answers, but lists no models at ${endpoint.url}/models (${(error as EndpointError).status}): check the URL`
    return { unproven: true, notes: [note] }
  }
  const { data } = (body ?? {}) as { readonly data?: unknown }
  const ids = (Array.isArray(data) ? data : []).map((card: unknown) => (card as { readonly id?: unknown } | null)?.id)
  return { models: ids.filter((id) => typeof id === 'string').map((id) => session.redactor.excerpt(id, 200)) }
}

function missing({ models, notes = [] }: EndpointFacts, model: string | undefined): EndpointFacts {
  if (model === undefined || models === undefined || models.includes(model)) return {}
  return { notes: [...notes, `it does not list the model ${model}`] }
}
