import { Type } from '@dda-thinker/plugin-api'
import { callErrors } from './errors.ts'

/**
 * The options that every plugin with endpoints shares, to be spread into its own `Type.Object`.
 * @param defaults what fits the kind of service: a diffusion server is slow and takes one or two calls at once
 */
export function endpointOptions(defaults: { readonly perEndpoint: number; readonly timeoutSeconds: number }) {
  return {
    /** Base URLs of replicas that serve the same model. */
    endpoints: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 256, uniqueItems: true }),
    /** Name of the environment variable that holds the key. Keys themselves never stand in a config. */
    apiKeyEnv: Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' })),
    /** Header the key goes into; `authorization` gets `Bearer` before it. */
    apiKeyHeader: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]*$', default: 'authorization' }),
    /** Further headers of every call; a secret one by the environment variable that holds it: `{ env: NAME }`. */
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]*$' }),
        Type.Union([
          Type.String({ minLength: 1 }),
          Type.Object({ env: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }) }, { additionalProperties: false }),
        ]),
      ),
    ),
    /** Calls at once an endpoint. */
    perEndpoint: Type.Integer({ minimum: 1, maximum: 1024, default: defaults.perEndpoint }),
    /** Find out how many calls at once an endpoint bears, up to `perEndpoint`. */
    adaptive: Type.Boolean({ default: false }),
    strategy: Type.Union([Type.Literal('least-outstanding'), Type.Literal('round-robin')], {
      default: 'least-outstanding',
    }),
    /** Of one call, its time in the server's queue included. */
    timeoutSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 86_400, default: defaults.timeoutSeconds }),
    /** Calls in all for one result; 1 turns retries off. Waiting for endpoints that are away or over their rate limit costs none of them. */
    attempts: Type.Integer({ minimum: 1, maximum: 20, default: 5 }),
    /** Delay before the second call; doubles from call to call. */
    retryDelaySeconds: Type.Number({ minimum: 0, maximum: 60, default: 0.5 }),
    /** Failures in a row after which an endpoint is left alone for a while. */
    breakerFailures: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 5 }),
    /** For how long, the first time; doubles from trial to failed trial, up to 30 s. */
    breakerSeconds: Type.Number({ minimum: 0, maximum: 30, default: 1 }),
    /** How long every endpoint may fail, or tell of rate limits, without a break before the run is stopped, to be resumed. */
    giveUpSeconds: Type.Number({ minimum: 0, maximum: 86_400, default: 120 }),
    /** Longest pause that a server may ask for (`Retry-After`); where all ask for longer ones the run is stopped, to be resumed. */
    maxPauseSeconds: Type.Number({ minimum: 0, maximum: 86_400, default: 600 }),
    /** What calls cost, in the currency of the budget. */
    price: Type.Optional(
      Type.Object(
        {
          perCall: Type.Number({ minimum: 0, default: 0 }),
          inputPerMillionTokens: Type.Number({ minimum: 0, default: 0 }),
          outputPerMillionTokens: Type.Number({ minimum: 0, default: 0 }),
        },
        { additionalProperties: false },
      ),
    ),
  }
}

/** The values of {@link endpointOptions}. */
export interface EndpointOptions {
  readonly endpoints: readonly string[]
  readonly apiKeyEnv?: string
  readonly apiKeyHeader: string
  readonly headers?: Readonly<Record<string, string | { readonly env: string }>>
  readonly perEndpoint: number
  readonly adaptive: boolean
  readonly strategy: 'least-outstanding' | 'round-robin'
  readonly timeoutSeconds: number
  readonly attempts: number
  readonly retryDelaySeconds: number
  readonly breakerFailures: number
  readonly breakerSeconds: number
  readonly giveUpSeconds: number
  readonly maxPauseSeconds: number
  readonly price?: {
    /** Of a call that gave a result. */
    readonly perCall?: number
    readonly inputPerMillionTokens?: number
    readonly outputPerMillionTokens?: number
  }
}

/** For a plugin's `setup`. @throws DdaError `DDA_ENDPOINT_URL` for a URL that is none, or that carries credentials. */
export function checkEndpointUrls(urls: readonly string[]): void {
  urls.forEach((url, index) => {
    const problem = problemOf(url)
    if (problem === undefined) return
    // The URL itself is not repeated: it may hold a key.
    throw callErrors.make('DDA_ENDPOINT_URL', { index, problem }, { kind: 'unavailable' })
  })
}

function problemOf(url: string): string | undefined {
  if (!URL.canParse(url)) return 'is not a URL'
  const { protocol, username, password, search, hash } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return `has the scheme ${protocol} instead of http: or https:`
  if (username !== '' || password !== '') return 'has credentials in it'
  if (search !== '' || hash !== '') return 'has a query or a fragment'
  return undefined
}
