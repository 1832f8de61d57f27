import type { Diagnosable } from './diagnosis.ts'
import type { Cost } from './edit.ts'
import type { ImageStore } from './image.ts'
import type { FailureKind } from './rollout.ts'

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
