import {
  APICallError,
  JSONParseError,
  LoadAPIKeyError,
  LoadSettingError,
  NoImageGeneratedError,
  TypeValidationError,
} from 'ai'
import { type Redactor, responseError, says } from '@dda-thinker/endpoints'
import { isDdaError } from '@dda-thinker/plugin-api'
import { callErrors } from './errors.ts'

export interface FailedCall {
  /** For messages: provider and model. */
  readonly service: string
  readonly redactor: Redactor
  /** Texts of others in the request. */
  readonly sent: readonly string[]
}

const REFUSED = /moderat|content[ _]?(?:policy|filter)|safety|nsfw|blocked/i
const UNABLE = /\bnot support|unsupported|\bmust\b|\brequire|\bcannot be\b|\bonly\b.*\bsupport/i

/** What a call of the SDK threw, as a failure of ours. What our own `fetch` threw comes out as it went in. */
export function readFailure(error: unknown, { service, redactor, sent }: FailedCall): Error {
  const chain = chainOf(error)
  const own = chain.find((one) => isDdaError(one))
  if (own !== undefined) return own
  const why = redactor.excerpt(error instanceof Error ? error.message : String(error))
  for (const one of chain) {
    if (LoadAPIKeyError.isInstance(one) || LoadSettingError.isInstance(one))
      return callErrors.make(
        'DDA_ENDPOINT_KEY_MISSING/ai-sdk',
        { service, why },
        { kind: 'unavailable', transient: false },
      )
    if (NoImageGeneratedError.isInstance(one))
      return callErrors.make('DDA_EDITOR_EMPTY/ai-sdk', { service }, { kind: 'bad-output', transient: true })
    if (JSONParseError.isInstance(one) || TypeValidationError.isInstance(one))
      return callErrors.make('DDA_ENDPOINT_JSON/ai-sdk', { service, why }, { kind: 'bad-output', transient: true })
    if (!APICallError.isInstance(one)) continue
    const { statusCode, responseHeaders = {}, responseBody = '', url } = one
    if (statusCode === undefined)
      return callErrors.make('DDA_ENDPOINT_CONNECTION/ai-sdk', { service, why }, { kind: 'connection' })
    if (statusCode >= 200 && statusCode <= 299)
      return callErrors.make('DDA_ENDPOINT_JSON/ai-sdk', { service, why }, { kind: 'bad-output', transient: true })
    const body = Buffer.from(responseBody)
    return responseError(
      url.replace(/\?.*$/, ''),
      { status: statusCode, headers: responseHeaders, body },
      redactor,
      sent,
    )
  }
  if (says(why, REFUSED, sent))
    return callErrors.make('DDA_ENDPOINT_REFUSED/ai-sdk', { service, why }, { kind: 'refusal' })
  if (says(why, UNABLE, sent))
    return callErrors.make('DDA_ENDPOINT_REJECTED/ai-sdk', { service, why }, { kind: 'bad-input', transient: false })
  return callErrors.make('DDA_ENDPOINT_SERVER/ai-sdk', { service, why }, { kind: 'server' })
}

/** The error, and what caused it: providers and the SDK wrap. */
function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (let one = error; typeof one === 'object' && one !== null && chain.length < 6;) {
    chain.push(one)
    const { cause, lastError } = one as { readonly cause?: unknown; readonly lastError?: unknown }
    one = lastError ?? cause
  }
  return chain
}
