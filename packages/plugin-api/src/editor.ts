import type { Cost } from './edit.ts'
import type { ImageRef } from './image.ts'
import type { CallOptions, Opens } from './role-context.ts'

/** What an Editor can do; the engine holds its requests to it. */
export interface EditorCapabilities {
  /** Does a seed make the result repeatable? `bitwise`: equal bytes; `visual`: equal to the eye; `none`. */
  readonly determinism: 'bitwise' | 'visual' | 'none'
  /**
   * Characters of plan text it reads. The engine sends no longer ones, so that an Editor need not look: they fail their format
   * and are judged as plans that say nothing, which no policy gains by. With the code `DDA_EDITOR_PROMPT`, kind `bad-input`, an
   * Editor whose limit is not one of characters refuses a plan to the same effect.
   */
  readonly promptLimit?: number
  /** Edits it can work on at once; the engine sends no more. */
  readonly concurrency: number
  /** Source images it needs at least. Default 1. The engine sends no sample with fewer. */
  readonly minImages?: number
  /** Source images it takes at most. The engine sends no sample with more. */
  readonly maxImages: number
}

/** One edit wanted. */
export interface EditRequest {
  /** Source pictures, in the order of the sample. */
  readonly images: readonly ImageRef[]
  /** The executable plan, and nothing else of the plan. */
  readonly plan: string
  /** For the Editor's noise; the members of a group share it. */
  readonly seed: number
}

/** What an Editor gives. */
export interface EditResult {
  /** The encoded edited image. */
  readonly bytes: Uint8Array
  /** Where the Editor does not use {@link RoleContext.meter}. */
  readonly cost?: Cost
  /** What it has to say about its work, for people. */
  readonly notes?: readonly string[]
}

/** Source images + executable plan + seed → edited image, or a DdaError with a failure kind. Never trained. */
export interface Editor extends Opens {
  /** Everything that changes its pictures: model, steps, guidance, sizes. A change ends what is cached. */
  readonly fingerprint: string
  /** Known once it is open, and constant from then on. */
  readonly supports: EditorCapabilities
  /**
   * Carries the plan out.
   *
   * @throws DdaError with a failure kind; a picture is never made up.
   */
  edit(request: EditRequest, options: CallOptions): Promise<EditResult>
  /**
   * Drops what is kept of earlier edits, by the Editor or its servers, so that an equal request is carried out anew. Asked for between two equal
   * edits that are compared. Absent: nothing is kept.
   */
  forget?(options: CallOptions): Promise<void>
}
