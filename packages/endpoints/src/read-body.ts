import type { EndpointError } from './endpoint-error.ts'
import { callErrors } from './errors.ts'

interface ReadBodyOptions {
  /** For messages; redacted. */
  readonly url: string
  /** Bytes. */
  readonly limit: number
  /** What Content-Length says; NaN: nothing. */
  readonly declared: number
  readonly encoding: string | undefined
  /** Beyond the limit: cut the body (an error's, for its message) instead of failing. */
  readonly cut: boolean
}

/** Reads a body into memory, never more of it than allowed. */
export async function readBody(body: AsyncIterable<Uint8Array>, options: ReadBodyOptions): Promise<Uint8Array> {
  const { url, limit, declared, encoding, cut } = options
  if (encoding !== undefined && encoding !== 'identity' && !cut) {
    // Asked for identity; unpacking what came anyway would open the door to decompression bombs.
    throw callErrors.make(
      'DDA_ENDPOINT_ENCODING',
      { url, encoding: encoding.slice(0, 40) },
      { kind: 'bad-output', transient: false },
    )
  }
  if (declared > limit && !cut) throw tooLarge(url, limit)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    chunks.push(chunk)
    if (size <= limit) continue
    if (cut) break
    throw tooLarge(url, limit)
  }
  return Buffer.concat(chunks).subarray(0, limit)
}

function tooLarge(url: string, limit: number): EndpointError {
  return callErrors.make('DDA_ENDPOINT_BODY_TOO_LARGE', { url, limit }, { kind: 'bad-output', transient: false })
}
