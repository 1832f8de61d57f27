import { isDdaError, type Logger, type RoleContext } from '@dda-thinker/plugin-api'
import { QUICK_MS, type EndpointSession } from './endpoint-session.ts'
import type { Endpoint } from './endpoint.ts'
import { callErrors } from './errors.ts'

/** What says which weights answer; times, owners and permissions change from start to start and say nothing. */
const STABLE = [
  'id',
  'root',
  'parent',
  'max_model_len',
  'revision',
  'model_path',
  'task_type',
  'pipeline_name',
  'pipeline_class',
  'dit_precision',
  'vae_precision',
] as const

const NOT_SAID: ReadonlySet<string> = new Set([
  'DDA_ENDPOINT_NOT_FOUND',
  'DDA_ENDPOINT_REJECTED',
  'DDA_ENDPOINT_FORBIDDEN',
  'DDA_ENDPOINT_REDIRECT',
])

export interface ModelIdentityOptions {
  readonly session: EndpointSession
  /** The configured model; without one, all that the server lists counts. */
  readonly model: string | undefined
  readonly signal: AbortSignal
  readonly log: Logger
  /** Of the role's context: a replay must not need the servers. */
  readonly recall?: RoleContext['recall'] | undefined
}

/**
 * What the servers say they serve (`GET {base}/models`; OpenAI's list, with the further fields of vLLM and SGLang), as
 * one line for a fingerprint; undefined where the route is not offered. Replicas that can be reached must agree.
 *
 * @throws DdaError `DDA_ENDPOINT_MODELS_DIFFER` where they do not, `DDA_ENDPOINT_KEY` for a bad key, and the last
 *   connection error where no endpoint can be reached at all
 */
export async function modelIdentity(options: ModelIdentityOptions): Promise<string | undefined> {
  const { session, model, recall } = options
  const make = () => askAll(options)
  const identity =
    recall === undefined ? make() : recall(['models', session.pool.endpoints.map(({ url }) => url), model], make)
  // A replay takes it from a file.
  const found: unknown = await identity
  return typeof found === 'string' ? found : undefined
}

async function askAll(options: ModelIdentityOptions): Promise<string | undefined> {
  const { session, log, signal } = options
  const found = await Promise.allSettled(session.pool.endpoints.map((endpoint) => ask(endpoint, options)))
  signal.throwIfAborted()
  const answers: { readonly url: string; readonly identity: string | undefined }[] = []
  let lastError: unknown
  found.forEach((result, index) => {
    const url = session.pool.endpoints[index]?.url ?? ''
    if (result.status === 'fulfilled') {
      answers.push({ url, identity: result.value })
      return
    }
    const error: unknown = result.reason
    if (isDdaError(error) && ['DDA_ENDPOINT_KEY', 'DDA_ENDPOINT_PAYMENT'].includes(error.code)) throw error
    lastError = error
    log.warn(`${url} cannot be asked for its models: ${error instanceof Error ? error.message : String(error)}`)
  })
  const [first] = answers
  if (first === undefined) throw lastError
  const other = answers.find(({ identity }) => identity !== first.identity)
  if (other === undefined) return first.identity
  throw callErrors.make(
    'DDA_ENDPOINT_MODELS_DIFFER',
    {
      first: first.url,
      firstServes: first.identity ?? 'lists none',
      other: other.url,
      otherServes: other.identity ?? 'lists none',
    },
    { kind: 'unavailable' },
  )
}

async function ask(endpoint: Endpoint, options: ModelIdentityOptions): Promise<string | undefined> {
  const { session, model, signal, log } = options
  let body: unknown
  try {
    const response = await session.send(endpoint, { method: 'GET', path: 'models', signal, timeoutMs: QUICK_MS })
    body = JSON.parse(Buffer.from(response.body).toString('utf8'))
  } catch (error) {
    // Not offered, or not JSON: the server simply does not say. Only unreachable ones and bad keys matter.
    if (error instanceof SyntaxError) return undefined
    const { code, message } = isDdaError(error) ? error : { code: '', message: '' }
    // A key that may ask the model need not be allowed to list models.
    if (code === 'DDA_ENDPOINT_FORBIDDEN') log.warn(`${endpoint.url} refuses to list its models: ${message}`)
    if (NOT_SAID.has(code)) return undefined
    throw error
  }
  const { data } = (body ?? {}) as { data?: unknown }
  const cards = (Array.isArray(data) ? data : []).filter((card) => typeof card === 'object' && card !== null)
  const chosen = model === undefined ? cards : cards.filter((card) => (card as { id?: unknown }).id === model)
  if (model !== undefined && chosen.length === 0) log.warn(`${endpoint.url} does not list the model ${model}`)
  const lines = chosen.map((card) => identityOf(card as Record<string, unknown>)).toSorted()
  return lines.length === 0 ? undefined : lines.join(' + ')
}

function identityOf(card: Readonly<Record<string, unknown>>): string {
  const fields = STABLE.flatMap((name) => {
    const value = card[name]
    return typeof value === 'string' || typeof value === 'number' ? [`${name}=${String(value).slice(0, 200)}`] : []
  })
  return fields.join(',')
}
