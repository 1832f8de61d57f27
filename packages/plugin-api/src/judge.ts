import { completeList } from './complete-list.ts'
import type { ImageRef } from './image.ts'
import type { CallOptions, Opens } from './role-context.ts'
import type { ChecklistItem, Scope } from './sample.ts'
import type { Verdict } from './verdict.ts'

/** The ideal edited scene, in words, as a picture, or both. */
export interface Reference {
  /** {@link Sample.reference}; may be empty where there is a picture. */
  readonly text: string
  /** As {@link Sample.referenceImage} is. */
  readonly image?: ImageRef
}

/** Questions about a plan. */
export interface CognitiveRequest {
  /** Tells the two kinds of requests apart. */
  readonly scope: 'cognitive'
  /** What the user asked for. */
  readonly instruction: string
  /** The executable plan. */
  readonly plan: string
  /** The questions; one verdict each. */
  readonly items: readonly ChecklistItem[]
  /** Only for a judge that sees `reference`, and only where the sample has one. */
  readonly reference?: Reference
}

/** The visual judge never sees the plan. */
export interface VisualRequest {
  /** Tells the two kinds of requests apart. */
  readonly scope: 'visual'
  /** The pictures before the edit. */
  readonly source: readonly ImageRef[]
  /** The picture after it. */
  readonly edited: ImageRef
  /** The questions; one verdict each. */
  readonly items: readonly ChecklistItem[]
  /** Only for a judge that sees `instruction`. */
  readonly instruction?: string
  /** Only for a judge that sees `reference`, and only where the sample has one. */
  readonly reference?: Reference
}

/** What a judge is asked: questions of one scope. */
export type JudgeRequest = CognitiveRequest | VisualRequest

/** What a judge may ask to see of a sample, beside what every request of its scope holds. */
export type JudgeSight = 'instruction' | 'reference'

/** Every {@link JudgeSight}. */
export const JUDGE_SIGHTS = completeList<JudgeSight>({ instruction: true, reference: true })

/** Items + what they are asked of → one verdict an item, or a DdaError with a failure kind. */
export interface Judge extends Opens {
  /** Everything that changes its answers: model, prompt, decoding. A change ends what is cached. */
  readonly fingerprint: string
  /** What it can be asked about. */
  readonly scopes: readonly Scope[]
  /** Requests it can work on at once. */
  readonly concurrency: number
  /**
   * What it sees of the sample beside source, edited picture and items, or beside instruction, plan and items (a cognitive request
   * always has the instruction). The engine adds exactly this, never the plan to a visual request. Default: nothing.
   */
  readonly sees?: readonly JudgeSight[]
  /**
   * Can it answer this item? Absent: every item of its scopes. Each item goes to the first judge in config order that can, so
   * that one that measures may stand before one that reads questions. Pure and synchronous.
   */
  answers?(item: ChecklistItem): boolean
  /** Answers all items of the request or fails as a whole; what it cannot tell is `unsure`. */
  judge(request: JudgeRequest, options: CallOptions): Promise<readonly Verdict[]>
}
