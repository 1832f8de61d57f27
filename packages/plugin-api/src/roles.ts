import { completeList } from './complete-list.ts'
import type { Diagnosable } from './diagnosis.ts'
import type { Cost } from './edit.ts'
import type { ImageRef, ImageStore } from './image.ts'
import type { Plan } from './plan.ts'
import type { Reward } from './reward.ts'
import type { RewardStream } from './reward-streams.ts'
import type { FailureKind, Rollout } from './rollout.ts'
import type { ChecklistItem, Sample, Scope, Split } from './sample.ts'
import type { Verdict } from './verdict.ts'

/** Where a role says what people may want to know; standard output belongs to the command. */
export interface Logger {
  /** Shown with `--verbose`. */
  debug(message: string): void
  /** One line of progress. */
  info(message: string): void
  /** Something that the user may want to change. */
  warn(message: string): void
}

/** One exchange with a service, as whoever made it tells it to the run's ledger. */
export interface ServiceCall {
  /** Base URL of the service, without credentials. */
  readonly endpoint: string
  /** Milliseconds from the request to its end. */
  readonly ms: number
  /** How it failed; absent where it gave what was asked. */
  readonly failed?: FailureKind
  /** What it cost, also where its answer was of no use. */
  readonly cost?: Cost
}

/** What the engine gives every role when it opens it. */
export interface RoleContext {
  /** The project's pictures. */
  readonly images: ImageStore
  /** Aborted when the run ends early; long work must stop. */
  readonly signal: AbortSignal
  /** Lines carry the plugin's name. */
  readonly log: Logger
  /** The run's seed. */
  readonly seed: number
  /**
   * To be told of every exchange with a service, for the budgets and the ledger of the run. For a role that uses it, costs
   * are taken from here and not from its results. Absent where nobody keeps books.
   */
  readonly meter?: (call: ServiceCall) => void
  /**
   * For what a role asks a service when it opens and its fingerprint depends on. Calls `make` and records what it gives; in
   * a replay, gives what was recorded for the same key (plain JSON) instead. Absent where nothing is recorded.
   *
   * @throws DdaError `DDA_REPLAY_MISS`
   */
  readonly recall?: <T>(key: unknown, make: () => Promise<T>) => Promise<T>
}

/** Asynchronous start and end, both optional; the engine calls `open` once before use and `close` once after. */
export interface Opens extends Diagnosable {
  /** Starts what the role needs; fails where it could not work. */
  open?(context: RoleContext): Promise<void>
  /** Ends it, also where `open` failed half way. */
  close?(): Promise<void>
}

/** What the engine gives with every call of a role. */
export interface CallOptions {
  /** Aborted at the deadline of the call and when the run ends early; work must stop soon after. */
  readonly signal: AbortSignal
}

/** What is wanted of a synthesizer. */
export interface SynthesisRequest {
  /** Equal seeds, equal samples. */
  readonly seed: number
  /** Samples wanted of each split. */
  readonly count: Readonly<Record<Split, number>>
}

/** A row of somebody's data that cannot be a sample. */
export interface SetAside {
  /** `file:row`, rows counted from 1; or what else names it to its owner. */
  readonly where: string
  /** One of few fixed sentences, so that they can be counted. */
  readonly reason: string
  /** What is particular to this row. */
  readonly detail?: string
}

/** What a synthesizer gets beside its request. */
export interface SynthesisContext extends RoleContext {
  /** Puts a row on the record of what became no sample, and the rest goes on. Absent where nobody keeps one: say it in the log. */
  readonly setAside?: (row: SetAside) => void | Promise<void>
  /**
   * For dear calls of a service whose result follows from `key` (plain JSON, both): asked for once in the life of the project's
   * cache, so that a synthesis that is begun again goes on where it stopped, and not at all once the budget is used up. Absent
   * where nothing is kept.
   *
   * @throws DdaError `DDA_BUDGET_MONEY`, `DDA_REPLAY_MISS`; whatever `make` throws, which is not kept
   */
  readonly once?: <T>(key: unknown, make: () => Promise<T>) => Promise<T>
}

/** Options → stream of samples. Same request, same samples. */
export interface Synthesizer extends Opens {
  /** Yields samples as it makes them, so that memory does not grow with their number. */
  synthesize(request: SynthesisRequest, context: SynthesisContext): AsyncIterable<Sample>
  /**
   * Gives reference and checklist to samples that have no checklist, for `dda checklist`. All samples come back in their order, each
   * with its id, pictures and instruction; one that gets no checklist as it came, and set aside with the reason.
   */
  annotate?(samples: AsyncIterable<Sample>, context: SynthesisContext): AsyncIterable<Sample>
}

/** What rollouts showed of an item of a checklist. */
export interface ItemFinding {
  /** The item's id in its sample. */
  readonly itemId: string
  /**
   * `always-passed` and `never-passed` by the rollouts tried; `redundant`: the same answers as another item in all of them;
   * `undecided`: the judge is often unsure.
   */
  readonly finding: 'always-passed' | 'never-passed' | 'redundant' | 'undecided'
  /** The item that a redundant one repeats. */
  readonly with?: string
}

/** What a curator decided about one sample. A kept sample may carry a measured `difficulty`. */
export interface CurationDecision {
  /** As it came, or with a measured difficulty. */
  readonly sample: Sample
  /** Does it stay in the training data? */
  readonly kept: boolean
  /** Why, for people and for the journal. */
  readonly reason: string
  /** What it found out about the items of the checklist, kept in the record of decisions. */
  readonly findings?: readonly ItemFinding[]
  /** Name of the plugin that decided. The engine fills it in. */
  readonly curator?: string
}

/**
 * Samples put away while a curator goes on, so that one that gives an order at the end holds keys alone. They lie in a file that ends
 * with the curation.
 */
export interface SampleShelf {
  /**
   * Puts a sample away.
   *
   * @returns the ticket to take it back with
   */
  put(sample: Sample): Promise<number>
  /** As often as wanted, in any order. */
  take(ticket: number): Promise<Sample>
}

/** What a curator gets beside its samples. */
export interface CurationContext extends RoleContext {
  /** For samples whose place in the order is not known yet. */
  readonly shelf: SampleShelf
  /** Tries rollouts of the run's Thinker on a sample; masked ones are included. */
  tryRollouts(sample: Sample, count: number): Promise<readonly Rollout[]>
}

/** Stream of samples → decisions in curriculum order. Every input sample gets exactly one decision. */
export interface Curator extends Opens {
  /**
   * Yields decisions in the order in which training should see the samples, each as soon as it is known: samples may be more than
   * memory holds, and {@link CurationContext.shelf} keeps those that wait.
   */
  curate(samples: AsyncIterable<Sample>, context: CurationContext): AsyncIterable<CurationDecision>
}

/** What a Thinker sees of a sample: never the reference, never the checklist. */
export type ThinkerInput = Pick<Sample, 'id' | 'images' | 'instruction'>

/** One plan wanted. */
export interface PlanRequest {
  /** Becomes the plan's id. */
  readonly id: string
  /** What the Thinker may see of the sample. */
  readonly input: ThinkerInput
  /** Equal seeds and equal policies, equal plans. */
  readonly seed: number
  /** Sampling temperature; 0 is greedy. Default: the Thinker's own. */
  readonly temperature?: number
}

/** One request's end: a plan, or the failure that masks it. */
export type PlanResult = { readonly id: string; readonly plan: Plan } | { readonly id: string; readonly error: unknown }

/** Samples → plans, each yielded as soon as it is finished, in any order; every request gets exactly one result. */
export interface Thinker extends Opens {
  /** Everything that changes its plans: name, weights, decoding. */
  readonly fingerprint: string
  /**
   * Its plans are dear and follow from fingerprint, input, seed and temperature: each is asked for once in the life of the
   * project's cache, as edits are. Default false, as for a policy under training.
   */
  readonly cacheable?: boolean
  /** Works on all requests together, as far as it can. */
  plan(requests: readonly PlanRequest[], options: CallOptions): AsyncIterable<PlanResult>
}

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
}

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

/** What a reward is made of. */
export interface DecompositionInput {
  /** The plan, whose format may count. */
  readonly plan: Plan
  /** All items of the sample, asked or not. */
  readonly checklist: readonly ChecklistItem[]
  /** One verdict for every item that was asked; a gated rollout has no visual ones. */
  readonly verdicts: readonly Verdict[]
  /** The halves of the checklist that count for this rollout, `Rollout.asked`. Absent: both. */
  readonly asked?: readonly Scope[]
}

/** Plan + verdicts → reward: pure, synchronous, deterministic. */
export interface RewardDecomposition {
  /** Everything that changes its numbers: weights, gates. */
  readonly fingerprint: string
  /**
   * The parts of the reward, where each share is of one of them and depends on nothing but its own `scopes`. Absent: it cannot be
   * taken apart, and a trainer that wants streams is refused. A decomposition with streams heeds `asked`.
   */
  readonly streams?: readonly RewardStream[]
  /** Called for every rollout that is not masked. */
  decompose(input: DecompositionInput): Reward
}
