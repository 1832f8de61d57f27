import { DdaError, type ErrorTexts, type FailureKind } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** A picture that is refused. */
export class PictureError extends DdaError {
  /** May another attempt end differently? Damage may have happened on the way; another format will come again. */
  readonly transient: boolean

  constructor(
    { code, message, ...said }: ErrorTexts,
    { kind, transient }: { readonly kind: FailureKind; readonly transient: boolean },
  ) {
    super(code, message, { ...said, kind })
    this.transient = transient
  }
}

/** Why a file is refused; becomes a {@link PictureError} where this package is left. */
export class BadPicture extends Error {
  /** The right format, but cut short or corrupt; otherwise not the right format at all. */
  readonly damaged: boolean

  constructor(message: string, damaged = true) {
    super(message)
    this.damaged = damaged
  }
}

/** @param kind of whoever hands the picture in: `bad-output` of a server or an Editor, `bad-input` of a source */
export function refusal({ damaged, message }: BadPicture, kind: FailureKind): PictureError {
  const texts = errors.texts(damaged ? 'DDA_IMAGE_INVALID/damaged' : 'DDA_IMAGE_INVALID/format', { why: message })
  return new PictureError(texts, { kind, transient: kind === 'bad-output' && damaged })
}

/** @param what bytes or pixels, and what is allowed */
export function tooLarge(what: string, kind: FailureKind): PictureError {
  return new PictureError(errors.texts('DDA_IMAGE_TOO_LARGE', { what }), { kind, transient: false })
}

/** @param odd what of the picture needs a decoder */
export function noDecoder(odd: readonly string[], kind: FailureKind): PictureError {
  const texts = errors.texts('DDA_IMAGE_DECODER', { odd: odd.length === 0 ? 'pixels to be looked at' : odd.join(', ') })
  return new PictureError(texts, { kind, transient: false })
}
