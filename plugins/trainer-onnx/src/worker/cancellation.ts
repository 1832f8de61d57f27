import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** Whether the caller has given up; asked between micro-batches. */
export type Cancelled = () => boolean

export function aborted(): DdaError {
  return errors.make('DDA_ABORTED')
}
