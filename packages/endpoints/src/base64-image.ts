import { IMAGE_LIMITS, type ImageLimits } from '@dda-thinker/pictures'
import type { EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'

const DATA_URL = /^data:(image\/(?:png|jpe?g|webp));base64,/i

/**
 * Bytes of a picture that came as base64, bare or as a data URL of a picture type. Length is judged before decoding;
 * what is not base64 through and through is refused. The bytes still have to pass the guard.
 * @throws DdaError `DDA_IMAGE_ENCODING`, `DDA_IMAGE_TOO_LARGE`
 */
export function decodeBase64Image(text: string, limits: ImageLimits = {}): Uint8Array {
  const { maxBytes = IMAGE_LIMITS.bytes } = limits
  const head = DATA_URL.exec(text)?.[0]
  if (head === undefined && text.startsWith('data:')) throw notBase64('it is a data URL of another type')
  // Line breaks every 76 characters are part of MIME's base64 and come from some servers.
  if (text.length > (maxBytes * 4) / 3 + maxBytes / 16 + 256) throw tooLarge(maxBytes)
  const body = text.slice(head?.length ?? 0).replaceAll(/[\r\n]/g, '')
  if (body.length % 4 === 1 || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw notBase64('it has other characters in it')
  const bytes = Buffer.from(body, 'base64')
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

/** The data URL of a picture, for JSON protocols. */
export function toDataUrl(bytes: Uint8Array, mediaType: string): string {
  return `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`
}

function notBase64(why: string): EndpointError {
  return callErrors.make('DDA_IMAGE_ENCODING', { why }, { kind: 'bad-output', transient: true })
}

function tooLarge(maxBytes: number): EndpointError {
  return callErrors.make('DDA_IMAGE_TOO_LARGE/received', { most: maxBytes }, { kind: 'bad-output', transient: false })
}
