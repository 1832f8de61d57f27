import { type CalibrationItem, Lookup, RecordedAnswers } from '@dda-thinker/evaluation'
import { listArms, listSamplesOf, rolloutsOf } from './arms.ts'
import type { Checklists } from './checklists.ts'
import type { RunInfo } from './run-dir.ts'
import type { ProjectPaths } from '../data/workspace.ts'

export interface RecordedCalibrationOptions {
  /** Of which Thinker. Default: of all. */
  readonly thinker?: string | undefined
  /** What is asked, in place of the record's own checklists. */
  readonly checklists?: Checklists | undefined
}

/** Which questions of a calibration set an evaluation holds, with the verdicts of its judges. */
export async function recordedCalibration(
  run: Pick<RunInfo, 'dir' | 'name'>,
  paths: ProjectPaths,
  items: Iterable<CalibrationItem>,
  { thinker, checklists }: RecordedCalibrationOptions = {},
): Promise<RecordedAnswers['found']> {
  const arms = new Map([...(await listArms(run))].filter(([name]) => thinker === undefined || name === thinker))
  const samples = new Lookup(await listSamplesOf(run, [...arms.values()], paths, checklists), ({ id }) => id)
  const answers = new RecordedAnswers(items)
  for (const rollout of rolloutsOf(arms)) {
    const sample = samples.get(rollout.sampleId)
    if (sample !== undefined) answers.add(rollout, sample)
  }
  return answers.found
}
