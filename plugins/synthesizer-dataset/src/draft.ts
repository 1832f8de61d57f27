/** What a row says, by its meaning; nothing is checked yet. */
export interface Draft {
  readonly id?: unknown
  /** A picture, or several. */
  readonly images: unknown
  readonly instruction: unknown
  readonly category?: unknown
  readonly subtask?: unknown
  readonly reference?: unknown
  readonly referenceImage?: unknown
  readonly checklist?: unknown
  readonly demonstration?: unknown
  readonly split?: unknown
}

/** Why a row becomes no sample. Few and fixed, so that they can be counted. */
export const REASONS = {
  unreadable: 'the row cannot be read',
  noInstruction: 'it has no instruction',
  noPicture: 'it has no source picture',
  pictureMissing: 'a picture is not there',
  pictureOutside: 'a picture lies outside of imageRoot',
  pictureUnusable: 'a picture cannot be used',
  pictureUrl: 'a picture is a URL, and urls is off',
  checklist: 'its checklist is not one',
  repeated: 'the same pictures and instruction as an earlier row',
  idTaken: 'its id is that of an earlier row',
} as const

export type Reason = (typeof REASONS)[keyof typeof REASONS]

/** Sets one row aside. */
export class BadRow extends Error {
  readonly reason: Reason

  constructor(reason: Reason, detail = '') {
    super(detail)
    this.reason = reason
  }
}

/** Text without white space around it; `undefined` for what is none. Numbers and booleans are what they print as. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return undefined
  const trimmed = value.trim()
  return trimmed === '' ? undefined : trimmed
}
