import type { ImageRef, RoleContext } from '@dda-thinker/plugin-api'
import { toDataUrl } from '../base64-image.ts'
import { callErrors } from '../errors.ts'
import { sentPicture } from './sent-pictures.ts'

/** A part of a message in the chat completions protocol of OpenAI, vLLM, SGLang, Ollama and LM Studio. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image_url'
      readonly image_url: { readonly url: string; readonly detail?: string }
      /** vLLM: name under which it keeps a picture's features. */
      readonly uuid?: string
    }

export interface Message {
  readonly role: 'system' | 'user'
  readonly content: string | readonly Part[]
}

export interface PictureOptions {
  /** How closely hosted models look. */
  readonly detail?: 'auto' | 'low' | 'high'
  /** Send the content hash as vLLM's `uuid`; other servers may refuse the field. */
  readonly imageUuid: boolean
  /** Largest picture, encoded bytes. */
  readonly maxImageBytes: number
  /** Width times height above which a picture is made smaller before it is sent. Default: none is. */
  readonly maxPixels?: number | undefined
}

export function textPart(text: string): Part {
  return { type: 'text', text }
}

/**
 * A stored picture as a data URL. Never a link: a server told to fetch could be led anywhere.
 * @throws DdaError `DDA_IMAGE_TOO_LARGE`, kind `bad-input`
 */
export async function picturePart(context: RoleContext, image: ImageRef, options: PictureOptions): Promise<Part> {
  const { detail, imageUuid, maxImageBytes, maxPixels = Infinity } = options
  const { bytes, mediaType } = await sentPicture(context.images, image, maxPixels)
  if (bytes.length > maxImageBytes) {
    throw callErrors.make(
      'DDA_IMAGE_TOO_LARGE/sent',
      { picture: image.hash.slice(0, 12), bytes: bytes.length, most: maxImageBytes },
      { kind: 'bad-input', transient: false },
    )
  }
  // The same picture at another size is another one.
  const smaller = image.width * image.height > maxPixels
  return {
    type: 'image_url',
    image_url: { url: toDataUrl(bytes, mediaType), ...(detail === undefined ? {} : { detail }) },
    ...(imageUuid ? { uuid: smaller ? `${image.hash}-${maxPixels}` : image.hash } : {}),
  }
}
