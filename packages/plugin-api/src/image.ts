/** A picture in the run's content store. Bytes are fetched through {@link ImageStore}; a noun never carries them. */
export interface ImageRef {
  /** Lower-case hex SHA-256 of the encoded bytes. */
  readonly hash: string
  /** Of the encoded bytes. */
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp'
  /** Pixels, as people see the picture: an orientation tag of the file that was stored has been applied. */
  readonly width: number
  /** Pixels, in the same way. */
  readonly height: number
}

const MEDIA_TYPES: ReadonlySet<unknown> = new Set(['image/png', 'image/jpeg', 'image/webp'])

/**
 * Could a store have made this reference? File names are made of it, here and in plugins, so one that came with a data set
 * must not lead anywhere else.
 */
export function isImageRef(value: unknown): value is ImageRef {
  if (typeof value !== 'object' || value === null) return false
  const { hash, mediaType, width, height } = value as Partial<Record<keyof ImageRef, unknown>>
  const sizes = [width, height].every((size) => Number.isSafeInteger(size) && (size as number) > 0)
  return sizes && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) && MEDIA_TYPES.has(mediaType)
}

/**
 * Content-addressed pictures of a project, in normal form: upright, 8 bits a channel, sRGB, opaque. So every reader sees the same pixels,
 * whatever it makes of orientation tags, colour profiles and transparency. Writing the same bytes twice stores them once.
 */
export interface ImageStore {
  /**
   * Fetches encoded bytes.
   *
   * @throws DdaError `DDA_STORE_MISSING` where no such blob is stored, `DDA_STORE_CORRUPT` where its hash is off.
   */
  get(image: ImageRef): Promise<Uint8Array>
  /**
   * Stores a picture. Bytes in normal form are kept as they are; a picture with an orientation tag, transparency (it is laid on white), more
   * than 8 bits a channel, or other colours than sRGB is converted first, and the reference is to what is kept.
   *
   * @throws DdaError `DDA_IMAGE_INVALID` where they are not a whole picture of a known type.
   */
  put(bytes: Uint8Array): Promise<ImageRef>
}
