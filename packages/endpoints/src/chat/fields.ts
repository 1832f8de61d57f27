import { EndpointError } from '../endpoint-error.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What makes the call what it is; nobody else may set it. */
const RESERVED = new Set(['model', 'messages', 'stream', 'n', 'tools', 'functions'])

/**
 * The fields of a request's body: the plugin's own, then the config's `params`. A null in `params` leaves one of the own
 * fields out (a server that refuses `seed`); another value for one of them would be a second source of the same setting.
 * @throws DdaError `DDA_CHAT_PARAM`
 */
export function mergeFields(own: Fields, params: Fields): Fields {
  for (const [name, value] of Object.entries(params)) {
    if (!RESERVED.has(name) && (value === null || !(name in own))) continue
    throw new EndpointError('DDA_CHAT_PARAM', `params.${name} is set by the plugin itself`, {
      kind: 'unavailable',
      next: RESERVED.has(name)
        ? `Take ${name} out of params.`
        : `Use the plugin's option for ${name}, or null in params to send none.`,
    })
  }
  return Object.fromEntries(Object.entries({ ...own, ...params }).filter(([, value]) => value !== null))
}
