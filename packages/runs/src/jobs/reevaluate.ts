import { type ChecklistItem, EDITOR, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'
import { errors } from '../errors.ts'
import { readArms, samplesOf, withChecklists } from '../record/arms.ts'
import { evaluate, type EvalResult, type EvalThinker } from './evaluate.ts'
import type { RunEvents } from '../record/events.ts'
import { recordedPlans, recordedThinker } from './recorded-thinker.ts'
import type { RunInfo } from '../record/run-dir.ts'
import type { RunOptions } from './training-session.ts'

export interface ReevaluateOptions extends RunOptions {
  /** The evaluation whose record is used again. */
  readonly source: RunInfo
  /** Which of its Thinkers. Default: all. */
  readonly thinker?: string | undefined
}

export interface RejudgeOptions extends ReevaluateOptions {
  /** Other checklists, by sample; the samples they do not name are left out. Default: those of the record. */
  readonly checklists?: ReadonlyMap<string, readonly ChecklistItem[]> | undefined
}

export interface Reevaluation extends EvalResult {
  readonly samples: readonly Sample[]
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
  const thinkers = arms.map(([name, rollouts]): EvalThinker => {
    const plans = recordedPlans(rollouts)
    return { name, thinker: recordedThinker(plans), plans }
  })
  const recorded = { what: 'plans', of: referenceOf(options) } as const
  return { ...(await evaluate(assembly, { ...options, thinkers, samples, recorded }, events)), samples }
}

/**
 * The plans and pictures of a record once more before the assembly's judges, as an evaluation of its own. Nothing is
 * planned or edited again: neither Thinker nor Editor is opened. A sample without a recorded edit is masked with
 * `DDA_EDIT_NOT_RECORDED`.
 *
 * @throws DdaError `DDA_CHECKLIST_UNMATCHED` where no checklist is of a sample of the record
 */
export async function rejudge(
  assembly: Assembly,
  options: RejudgeOptions,
  events: RunEvents = {},
): Promise<Reevaluation> {
  const { checklists } = options
  const { arms, samples: all } = await readSource(options)
  const samples =
    checklists === undefined ? all : withChecklists(all, checklists).filter(({ id }) => checklists.has(id))
  if (samples.length === 0) {
    throw errors.make('DDA_CHECKLIST_UNMATCHED', { reference: referenceOf(options) })
  }
  const thinkers = arms.map(([name, rollouts]): EvalThinker => {
    const edits = new Map(rollouts.flatMap(({ id, edit }) => (edit === undefined ? [] : [[id, edit] as const])))
    const plans = recordedPlans(rollouts)
    return { name, thinker: recordedThinker(plans), plans, edits }
  })
  const editors = arms.flatMap(([, rollouts]) => rollouts.flatMap(({ edit }) => edit?.editor ?? []))
  // A record whose edits all failed, so far, is of an Editor too.
  const editor = editors[0] ?? String(options.source.manifest.fingerprints[EDITOR.id] ?? 'unknown')
  const recorded = { what: 'edits', of: referenceOf(options), editor } as const
  const given = { ...options, thinkers, samples, recorded, ownChecklists: checklists !== undefined }
  return { ...(await evaluate(assembly, given, events)), samples }
}

function referenceOf({ source, thinker }: ReevaluateOptions): string {
  return thinker === undefined ? source.name : `${source.name}/${thinker}`
}

async function readSource({ source, thinker, workspace }: ReevaluateOptions): Promise<{
  readonly arms: readonly (readonly [string, readonly Rollout[]])[]
  readonly samples: readonly Sample[]
}> {
  const arms = [...(await readArms(source))].filter(([name]) => thinker === undefined || name === thinker)
  const samples = await samplesOf(
    source,
    arms.flatMap(([, rollouts]) => rollouts),
    workspace.paths,
  )
  return { arms, samples }
}
