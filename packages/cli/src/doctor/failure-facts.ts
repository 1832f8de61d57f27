import { isDdaError } from '@dda-thinker/plugin-api'

/** An error as a report holds it. */
export interface FailureFacts {
  readonly code: string
  readonly message: string
  readonly next?: string
}

export function describeFailure(error: unknown): FailureFacts {
  const message = error instanceof Error ? error.message : String(error)
  if (!isDdaError(error)) return { code: 'DDA_PLUGIN_FAILED', message }
  return { code: error.code, message, ...(error.next === undefined ? {} : { next: error.next }) }
}
