import type { ViewHead } from '../../wire/view-data.ts'

/** One Thinker of an evaluation. */
export interface Arm {
  /** `run/thinker` */
  readonly name: string
  readonly run: string
  readonly thinker: string
  readonly editor: string
}

/** Those of finished evaluations, which have scores. */
export function armsOf({ runs }: ViewHead): readonly Arm[] {
  return runs
    .filter(({ task }) => task === 'evaluate')
    .flatMap(({ name: run, scores, editor = 'unknown Editor' }) =>
      Object.keys(scores).map((thinker) => ({ name: `${run}/${thinker}`, run, thinker, editor })),
    )
}
