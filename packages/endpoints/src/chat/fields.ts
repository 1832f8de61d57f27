import { callErrors } from '../errors.ts'

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
    throw callErrors.make(
      RESERVED.has(name) ? 'DDA_CHAT_PARAM/reserved' : 'DDA_CHAT_PARAM/option',
      { name },
      { kind: 'unavailable' },
    )
  }
  return Object.fromEntries(Object.entries({ ...own, ...params }).filter(([, value]) => value !== null))
}
