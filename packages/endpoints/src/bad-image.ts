/** Why a picture is refused; becomes an EndpointError where the guard is left. */
export class BadImage extends Error {
  /** The right format, but cut short or corrupt; otherwise not the right format at all. */
  readonly damaged: boolean

  constructor(message: string, damaged = true) {
    super(message)
    this.damaged = damaged
  }
}

export interface Size {
  readonly width: number
  readonly height: number
}
