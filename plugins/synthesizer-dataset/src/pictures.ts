import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { isDdaError, type ImageRef, readWhole, type RoleContext } from '@dda-thinker/plugin-api'
import { isRecord } from '@dda-thinker/data-files'
import { ImageFetcher, Redactor } from '@dda-thinker/endpoints'
import { BadRow, REASONS, textOf } from './draft.ts'
import type { DatasetOptions } from './options.ts'

type PictureOptions = Pick<DatasetOptions, 'urls' | 'allowedOrigins' | 'maxImageBytes'> & {
  readonly imageRoot: string | undefined
}

/** Nothing is relative to it, so no origin is trusted for its sake. */
const NO_BASE = 'https://data-set.invalid/'

/** Pictures as rows hold them: bytes, `{bytes, path}` of `datasets`, paths, data URLs, base64, URLs; one or a list. */
export class Pictures {
  readonly #context: RoleContext
  readonly #options: PictureOptions
  readonly #fetcher: ImageFetcher | undefined

  constructor(context: RoleContext, options: PictureOptions) {
    this.#context = context
    this.#options = options
    const { allowedOrigins, maxImageBytes, urls } = options
    this.#fetcher = urls
      ? new ImageFetcher({ redactor: new Redactor([]), allowedOrigins, maxBytes: maxImageBytes })
      : undefined
  }

  /** All pictures of a value, in order, stored. @throws BadRow */
  async all(value: unknown, file: string): Promise<readonly ImageRef[]> {
    const found: ImageRef[] = []
    for (const one of flat(value)) found.push(await this.#store(await this.#bytes(one, file)))
    return found
  }

  async close(): Promise<void> {
    await this.#fetcher?.close()
  }

  async #store(bytes: Uint8Array): Promise<ImageRef> {
    const { maxImageBytes } = this.#options
    if (bytes.length > maxImageBytes)
      throw new BadRow(REASONS.pictureUnusable, `it has ${bytes.length} bytes, more than ${maxImageBytes}`)
    try {
      return await this.#context.images.put(bytes)
    } catch (error) {
      if (isDdaError(error) && error.code.startsWith('DDA_IMAGE'))
        throw new BadRow(REASONS.pictureUnusable, error.message)
      throw error
    }
  }

  async #bytes(value: unknown, file: string): Promise<Uint8Array> {
    if (value instanceof Uint8Array) return value
    if (isRecord(value)) {
      if (value['bytes'] instanceof Uint8Array) return value['bytes']
      return this.#bytes(value['path'] ?? value['url'] ?? value['src'], file)
    }
    const text = textOf(value)
    if (text === undefined) throw new BadRow(REASONS.noPicture, `it is ${value === null ? 'null' : typeof value}`)
    if (/^data:/i.test(text)) return dataUrl(text)
    if (/^https?:\/\//i.test(text)) return this.#fetch(text)
    return base64(text) ?? this.#read(text.replace(/^file:\/\//i, ''), file)
  }

  async #read(path: string, file: string): Promise<Uint8Array> {
    const root = this.#options.imageRoot ?? dirname(file)
    const full = resolve(root, path)
    const inside = relative(root, full)
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw new BadRow(REASONS.pictureOutside, path)
    }
    try {
      return await readWhole(full, this.#options.maxImageBytes)
    } catch (error) {
      if (error instanceof RangeError) throw new BadRow(REASONS.pictureUnusable, `${path}: ${error.message}`)
      throw new BadRow(REASONS.pictureMissing, `${path}: ${(error as Error).message}`)
    }
  }

  async #fetch(url: string): Promise<Uint8Array> {
    if (this.#fetcher === undefined) throw new BadRow(REASONS.pictureUrl, url)
    try {
      return await this.#fetcher.fetch(url, { base: NO_BASE, signal: this.#context.signal })
    } catch (error) {
      this.#context.signal.throwIfAborted()
      throw new BadRow(REASONS.pictureMissing, error instanceof Error ? error.message : url)
    }
  }
}

/** A file's name as pictures have them. */
const PICTURE_NAME = /\.(png|jpe?g|jfif|webp|gif|bmp|tiff?|avif|heic|heif|jxl)([?#].*)?$/i

/**
 * Whether a value can be meant as a picture, by its form alone: nothing is read. For columns that are known by their names only, of
 * which another data set may have one of text.
 */
export function looksLikePicture(value: unknown): boolean {
  const all = flat(value)
  return all.length > 0 && all.every(isPictureLike)
}

function isPictureLike(value: unknown): boolean {
  if (value instanceof Uint8Array) return true
  if (isRecord(value))
    return value['bytes'] instanceof Uint8Array || isPictureLike(value['path'] ?? value['url'] ?? value['src'])
  const text = textOf(value)
  if (text === undefined) return false
  return /^data:image\//i.test(text) || /^https?:\/\/\S+$/i.test(text) || PICTURE_NAME.test(text) || isBase64(text)
}

/** Lists in lists, and lists as JSON text (CSV has no others); nothing of what is not there. */
function flat(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(flat)
  if (value === undefined || value === null || value === '') return []
  if (typeof value !== 'string' || !value.trim().startsWith('[')) return [value]
  try {
    return flat(JSON.parse(value))
  } catch {
    return [value]
  }
}

function dataUrl(url: string): Uint8Array {
  const match = /^data:[^,]*;base64,/i.exec(url)
  if (match === null) throw new BadRow(REASONS.pictureUnusable, 'its data URL is not in base64')
  return Buffer.from(url.slice(match[0].length), 'base64')
}

function base64(text: string): Uint8Array | undefined {
  return isBase64(text) ? Buffer.from(text, 'base64') : undefined
}

/** The beginnings of PNG, JPEG and WebP in base64, as some files hold pictures bare. No path is as long. */
function isBase64(text: string): boolean {
  return text.length > 64 && /^(iVBORw0KGgo|\/9j\/|UklGR)/.test(text)
}
