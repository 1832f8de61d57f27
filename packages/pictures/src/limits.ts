/** What a picture from outside may be: far above any Editor's output, far below what exhausts a decoder. */
export const IMAGE_LIMITS = {
  /** Encoded bytes: as much as hosted image models take. */
  bytes: 50 * 2 ** 20,
  /** Longest side, pixels: WebP's own limit, and what decoders agree on. */
  side: 16_383,
  /** Width times height. */
  pixels: 50_000_000,
} as const

/** Narrower limits than {@link IMAGE_LIMITS}, where a plugin has an option for them; wider ones would let in what is refused elsewhere. */
export interface ImageLimits {
  /** Encoded bytes. Default 50 MiB. */
  readonly maxBytes?: number
  /** Width times height. Default 50 million. */
  readonly maxPixels?: number
}
