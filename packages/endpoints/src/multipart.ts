import { FormData, Response } from 'undici'

/** A field of a form: text, or a file. Repeated names are allowed and keep their order. */
export type FormField =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly bytes: Uint8Array; readonly filename: string; readonly mediaType: string }

export interface EncodedBody {
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** `multipart/form-data` as one buffer: an attempt can be repeated, and servers see a Content-Length. */
export async function encodeMultipart(fields: readonly FormField[]): Promise<EncodedBody> {
  const form = new FormData()
  for (const field of fields) {
    if ('text' in field) form.append(field.name, field.text)
    else form.append(field.name, new File([Uint8Array.from(field.bytes)], field.filename, { type: field.mediaType }))
  }
  const encoded = new Response(form)
  return {
    bytes: new Uint8Array(await encoded.arrayBuffer()),
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
  }
}

export function encodeJson(value: unknown): EncodedBody {
  return { bytes: Buffer.from(JSON.stringify(value)), contentType: 'application/json' }
}
