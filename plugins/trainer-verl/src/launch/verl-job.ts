/** How a job is doing. */
export type JobState = 'pending' | 'running' | 'succeeded' | 'failed' | 'stopped'

/** A job of verl, wherever it runs. */
export interface VerlJob {
  /** For people: where to look at it. */
  readonly name: string
  state(signal?: AbortSignal): Promise<JobState>
  /** All that it has said so far. */
  log(signal?: AbortSignal): Promise<string>
  /** Ends it, and waits until it has ended. One that has ended already is left alone. @throws Error where it does not end */
  stop(): Promise<unknown>
}

/** What is to run. */
export interface VerlLaunch {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** For people and for the cluster's own lists. */
  readonly label: string
}
