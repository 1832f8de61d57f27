import { DdaError } from '@dda-thinker/plugin-api'

/** Whether the caller has given up; asked between micro-batches. */
export type Cancelled = () => boolean

export function aborted(): DdaError {
  return new DdaError('DDA_ABORTED', 'the update was stopped; the policy is as it was before', {
    next: 'Run the same command again to continue.',
  })
}
