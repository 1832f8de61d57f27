import { isDdaError, type Logger } from '@dda-thinker/plugin-api'
import { type Endpoint, type EndpointFacts, type EndpointSession, mustStop } from '@dda-thinker/endpoints'
import { ComfyApi } from './comfy-api.ts'
import { callErrors } from './errors.ts'

export interface ServerIdentityOptions {
  readonly session: EndpointSession
  readonly api: ComfyApi
  readonly signal: AbortSignal
  readonly log: Logger
}

/** Versions that decide how a workflow is computed. Memory, devices and paths change without changing a picture. */
const VERSIONS = ['comfyui_version', 'pytorch_version'] as const

/**
 * The versions that servers report at `/system_stats`, as one line for a fingerprint; undefined where they report none.
 * Servers that can be reached must agree.
 *
 * @throws DdaError `DDA_ENDPOINT_MODELS_DIFFER` where they do not; the last error where no server can be reached at all
 */
export async function serverIdentity(options: ServerIdentityOptions): Promise<string | undefined> {
  const { session, api, signal, log } = options
  const { endpoints } = session.pool
  const found = await Promise.allSettled(endpoints.map((endpoint) => api.stats(endpoint, signal)))
  signal.throwIfAborted()
  const answers: { readonly url: string; readonly identity: string }[] = []
  let lastError: unknown
  found.forEach((result, index) => {
    const url = endpoints[index]?.url ?? ''
    if (result.status === 'fulfilled') {
      answers.push({ url, identity: versionsIn(result.value) })
      return
    }
    lastError = result.reason
    if (isDdaError(lastError) && mustStop(lastError)) throw lastError
    log.warn(`${url} cannot be asked for its version: ${lastError instanceof Error ? lastError.message : 'no reason'}`)
  })
  const [first] = answers
  if (first === undefined) throw lastError
  const other = answers.find(({ identity }) => identity !== first.identity)
  if (other === undefined) return first.identity === '' ? undefined : first.identity
  throw callErrors.make(
    'DDA_ENDPOINT_MODELS_DIFFER/versions',
    { first: first.url, firstVersion: first.identity, other: other.url, otherVersion: other.identity },
    { kind: 'unavailable' },
  )
}

/** Where edit workflows load their models from (ComfyUI, folder_paths.py). */
const MODEL_FOLDERS = ['checkpoints', 'diffusion_models'] as const

/** The model files and versions of one server, for people. */
export async function serverFacts(
  session: EndpointSession,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<EndpointFacts> {
  const api = new ComfyApi(session)
  try {
    const versions = versionsIn(await api.stats(endpoint, signal))
    const models = await Promise.all(MODEL_FOLDERS.map((folder) => api.models(endpoint, folder, signal)))
    return { models: models.flat(), ...(versions === '' ? {} : { notes: [versions] }) }
  } finally {
    await api.close()
  }
}

function versionsIn(system: Readonly<Record<string, unknown>>): string {
  return VERSIONS.flatMap((name) => {
    const value = system[name]
    return typeof value === 'string' ? [`${name}=${value.slice(0, 100)}`] : []
  }).join(',')
}
