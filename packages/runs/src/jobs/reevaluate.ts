import { basename } from 'node:path'
import { EDITOR, type Sample } from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'
import { errors } from '../errors.ts'
import {
  type CalibrationComparison,
  type CalibrationSet,
  compareCalibration,
  type Listed,
} from '@dda-thinker/evaluation'
import { listArms, listSamplesOf, type RecordedArm, rolloutsOf } from '../record/arms.ts'
import type { Checklists } from '../record/checklists.ts'
import { evaluate } from './evaluate.ts'
import type { EvalResult, EvalThinker } from './evaluate-options.ts'
import type { RunEvents } from '../record/events.ts'
import { recordedCalibration } from '../record/recorded-calibration.ts'
import { recordedEdits, recordedPlans, recordedThinker } from './recorded-thinker.ts'
import type { RunInfo } from '../record/run-dir.ts'
import type { RunOptions } from './run-options.ts'

export interface ReevaluateOptions extends RunOptions {
  /** The evaluation whose record is used again. */
  readonly source: RunInfo
  /** Which of its Thinkers. Default: all. */
  readonly thinker?: string | undefined
}

export interface RejudgeOptions extends ReevaluateOptions {
  /** Other checklists, by sample; the samples they do not name are left out. Default: those of the record. */
  readonly checklists?: Checklists | undefined
  /** What people have answered, to compare the judges of the record and of this evaluation with. */
  readonly calibration?: CalibrationSet | undefined
}

export interface Reevaluation extends EvalResult {
  readonly samples: Listed<Sample>
}

export interface Rejudgement extends Reevaluation {
  /** Where a calibration set is given, and all is judged. */
  readonly calibration?: CalibrationComparison
}

/**
 * The plans of a record once more through the assembly's Editor and judges, as an evaluation of its own. Nothing is planned
 * again: neither Thinker nor trainer is opened. A sample without a recorded plan is masked with `DDA_PLAN_NOT_RECORDED`.
 */
export async function reedit(
  assembly: Assembly,
  options: ReevaluateOptions,
  events: RunEvents = {},
): Promise<Reevaluation> {
  const { arms, samples } = await readSource(options)
  const thinkers = [...arms].map(([name, { rollouts }]): EvalThinker => {
    const plans = recordedPlans(rollouts)
    return { name, thinker: recordedThinker(plans), needs: [], plans }
  })
  const recorded = { what: 'plans', of: referenceOf(options) } as const
  return { ...(await evaluate(assembly, { ...options, thinkers, samples, recorded }, events)), samples }
}

/**
 * The plans and pictures of a record once more before the assembly's judges, as an evaluation of its own. Nothing is
 * planned or edited again: neither Thinker nor Editor is opened. A sample without a recorded edit is masked with
 * `DDA_EDIT_NOT_RECORDED`.
 *
 * @throws DdaError `DDA_CHECKLIST_UNMATCHED` where no checklist is of a sample of the record, `DDA_CALIBRATION_UNMATCHED` where no question of
 *   the calibration set is asked, both before any judge is
 */
export async function rejudge(
  assembly: Assembly,
  options: RejudgeOptions,
  events: RunEvents = {},
): Promise<Rejudgement> {
  const { checklists } = options
  const { arms, samples } = await readSource(options, checklists)
  if (samples.length === 0) {
    throw errors.make('DDA_CHECKLIST_UNMATCHED', { reference: referenceOf(options) })
  }
  const compared = await besidePeople(options)
  const thinkers = [...arms].map(([name, { rollouts }]): EvalThinker => {
    const plans = recordedPlans(rollouts)
    return { name, thinker: recordedThinker(plans), needs: [], plans, edits: recordedEdits(rollouts) }
  })
  // A record whose edits all failed, so far, is of an Editor too.
  const editor = firstEditor(arms) ?? String(options.source.manifest.fingerprints[EDITOR.id] ?? 'unknown')
  const recorded = { what: 'edits', of: referenceOf(options), editor } as const
  const given = { ...options, thinkers, samples, recorded, ownChecklists: checklists !== undefined }
  const result = await evaluate(assembly, given, events)
  const people = result.state === 'finished' ? await compared?.(result.runDir, assembly.config.eval.confidence) : {}
  return { ...result, samples, ...people }
}

/** Compares the judges of the record and of a later one with people, where there is a calibration set. */
async function besidePeople({ calibration: set, checklists, source, thinker, workspace: { paths } }: RejudgeOptions) {
  if (set === undefined) return undefined
  const before = await recordedCalibration(source, paths, set.items, { thinker })
  const asked =
    checklists === undefined ? before : await recordedCalibration(source, paths, set.items, { thinker, checklists })
  if (asked.size === 0) {
    const reference = referenceOf({ source, thinker })
    throw errors.make('DDA_CALIBRATION_UNMATCHED', { file: set.file, reference }, { location: set.file })
  }
  return async (dir: string, confidence: number): Promise<Pick<Rejudgement, 'calibration'>> => {
    const after = await recordedCalibration({ dir, name: basename(dir) }, paths, set.items)
    return { calibration: compareCalibration(set.items.length, before, after, confidence) }
  }
}

function referenceOf({ source, thinker }: Pick<ReevaluateOptions, 'source' | 'thinker'>): string {
  return thinker === undefined ? source.name : `${source.name}/${thinker}`
}

type Arms = ReadonlyMap<string, RecordedArm>

async function readSource(
  { source, thinker, workspace }: ReevaluateOptions,
  checklists?: Checklists,
): Promise<{ readonly arms: Arms; readonly samples: Listed<Sample> }> {
  const arms = new Map([...(await listArms(source))].filter(([name]) => thinker === undefined || name === thinker))
  return { arms, samples: await listSamplesOf(source, [...arms.values()], workspace.paths, checklists) }
}

function firstEditor(arms: Arms): string | undefined {
  for (const { edit } of rolloutsOf(arms)) if (edit !== undefined) return edit.editor
  return undefined
}
