/** A picture in the run's content store. Bytes are fetched through {@link ImageStore}; a noun never carries them. */
export interface ImageRef {
  /** Lower-case hex SHA-256 of the encoded bytes. */
  readonly hash: string
  /** Of the encoded bytes. */
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp'
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
}

/** Content-addressed pictures of a project. Writing the same bytes twice stores them once. */
export interface ImageStore {
  /**
   * Fetches encoded bytes.
   *
   * @throws DdaError `DDA_STORE_MISSING` where no such blob is stored, `DDA_STORE_CORRUPT` where its hash is off.
   */
  get(image: ImageRef): Promise<Uint8Array>
  /** Stores encoded bytes. @throws DdaError `DDA_IMAGE_INVALID` where they are not a picture of a known type. */
  put(bytes: Uint8Array): Promise<ImageRef>
}
