import { DdaError, type FailureKind } from '@dda-thinker/plugin-api'

/** A picture that is refused. */
export class PictureError extends DdaError {
  /** May another attempt end differently? Damage may have happened on the way; another format will come again. */
  readonly transient: boolean

  constructor(
    code: 'DDA_IMAGE_INVALID' | 'DDA_IMAGE_TOO_LARGE',
    message: string,
    details: { readonly kind: FailureKind; readonly next: string; readonly transient: boolean },
  ) {
    super(code, message, details)
    this.transient = details.transient
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
  return new PictureError('DDA_IMAGE_INVALID', `Not a usable picture: ${message}`, {
    kind,
    transient: kind === 'bad-output' && damaged,
    next: damaged
      ? 'Look at where the picture comes from and at any proxy before it: it is cut short or damaged.'
      : 'Give a PNG, JPEG or WebP file that does not move.',
  })
}

/** @param what bytes or pixels, and what is allowed */
export function tooLarge(what: string, kind: FailureKind): PictureError {
  return new PictureError('DDA_IMAGE_TOO_LARGE', `The picture has ${what}`, {
    kind,
    transient: false,
    next: 'Use smaller pictures, or ask the Editor for a smaller `size`.',
  })
}
