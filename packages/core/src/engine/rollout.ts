import {
  deriveUniform,
  itemsOf,
  passed,
  type Edit,
  type Failure,
  type Outcome,
  type Plan,
  type Rollout,
  type Scope,
  type Verdict,
} from '@dda-thinker/plugin-api'
import { stackOf } from '@dda-thinker/config'
import { editStage } from '../stages/edit.ts'
import { finishRollout } from '../stages/finish-rollout.ts'
import { judgeEdit, judgePlan, rewardOf } from '../stages/judge.ts'
import type { Planned } from '../stages/plan.ts'
import type { EngineContext, RolloutRequest } from '../context/engine-context.ts'
import { interrupted, isFatal, toFailure } from '../context/failure.ts'
import { exceedsPromptLimit, promptRefusal, tooLong } from '../context/prompt-limit.ts'

type Settled<T> = { readonly value: T } | { readonly error: unknown }

/**
 * From a plan to a finished rollout: the edit and the cognitive judgement run side by side, the visual judgement follows
 * the edit. Whatever fails masks the rollout with what is known so far; only failures of the run itself are thrown.
 */
export async function finishPlanned(context: EngineContext, planned: Planned): Promise<Rollout> {
  const { request } = planned
  const rollout = 'error' in planned ? masked(context, request, 'plan', planned.error) : await judged(context, planned)
  try {
    return await finishRollout(context, request, rollout)
  } catch (error) {
    // What the hook was to look at is not final: a masked rollout carries no reward.
    const { reward: _unseen, ...rest } = rollout
    return { ...rest, ...maskedOutcome(context, 'judge', error) }
  }
}

async function judged(context: EngineContext, planned: Planned & { readonly plan: Plan }): Promise<Rollout> {
  const { request, plan } = planned
  if (exceedsPromptLimit(context, plan)) return unread(context, request, plan)
  // Settled, not awaited: a failure here must not go unhandled while the edit is under way.
  const cognitive = settle(asks(request, 'cognitive') ? judgePlan(context, request, plan) : Promise.resolve([]))
  const looks = asks(request, 'visual')
  const gate = looks ? await gateReason(context, request, plan, cognitive) : undefined
  // Asked for its plan alone, as some members of a divided group are, it is scored, and no edit is bought.
  if (gate !== undefined || !looks) {
    const verdicts = await cognitive
    if ('error' in verdicts) return masked(context, request, 'judge', verdicts.error, { plan })
    return scored(context, request, plan, undefined, verdicts.value, gate)
  }
  const edit = await settle(editStage(context, request, plan))
  const visual = 'error' in edit ? edit : await settle(judgeEdit(context, request, edit.value))
  const thoughts = await cognitive
  const known = 'error' in thoughts ? [] : thoughts.value
  const refusal = 'error' in edit ? promptRefusal(edit.error) : undefined
  if (refusal !== undefined) return unread(context, request, tooLong(plan, refusal))
  if ('error' in edit) return masked(context, request, 'edit', edit.error, { plan, verdicts: known })
  const parts = { plan, edit: edit.value }
  if ('error' in thoughts) return masked(context, request, 'judge', thoughts.error, parts)
  if ('error' in visual) return masked(context, request, 'judge', visual.error, { ...parts, verdicts: known })
  return scored(context, request, plan, edit.value, [...known, ...visual.value], undefined)
}

function asks({ asked }: RolloutRequest, scope: Scope): boolean {
  return asked === undefined || asked.includes(scope)
}

/** A plan that its Editor does not read, for its length mostly, says nothing, however much it tells a judge. */
async function unread(context: EngineContext, request: RolloutRequest, plan: Plan): Promise<Rollout> {
  const silent = { ...plan, executable: '' }
  const verdicts = await settle(asks(request, 'cognitive') ? judgePlan(context, request, silent) : Promise.resolve([]))
  if ('error' in verdicts) return masked(context, request, 'judge', verdicts.error, { plan })
  const reason = 'the Editor does not read the plan, which was judged as one that says nothing'
  return scored(context, request, plan, undefined, verdicts.value, reason)
}

/**
 * Why the plan need not be edited, if so: it says nothing that could be executed, or the gate is on and it fails a critical
 * cognitive item. A seeded fraction of the latter is edited all the same, for an estimate without selection bias.
 */
async function gateReason(
  context: EngineContext,
  request: RolloutRequest,
  plan: Plan,
  cognitive: Promise<Settled<readonly Verdict[]>>,
): Promise<string | undefined> {
  if (plan.executable.trim() === '') return 'the plan has no executable part'
  const { gate } = context.assembly.config.engine
  const critical = itemsOf(request.sample.checklist, 'cognitive').filter((item) => item.critical === true)
  if (!gate.enabled || critical.length === 0 || !asks(request, 'cognitive')) return undefined
  const verdicts = await cognitive
  if ('error' in verdicts) return undefined
  const failed = critical.find(
    (item) =>
      !passed(
        item,
        verdicts.value.find((verdict) => verdict.itemId === item.id),
      ),
  )
  if (failed === undefined || deriveUniform('gate-audit', context.seed, request.id) < gate.audit) return undefined
  context.stats.gated += 1
  return `critical item "${failed.id}" failed`
}

function scored(
  context: EngineContext,
  request: RolloutRequest,
  plan: Plan,
  edit: Edit | undefined,
  verdicts: readonly Verdict[],
  gate: string | undefined,
): Rollout {
  const parts = { plan, verdicts, ...(edit === undefined ? {} : { edit }) }
  try {
    const reward = rewardOf(context, request, plan, verdicts)
    const outcome: Outcome = gate === undefined ? { kind: 'scored' } : { kind: 'gated', reason: gate }
    return named(request, parts, { reward, outcome })
  } catch (error) {
    return masked(context, request, 'reward', error, parts)
  }
}

function masked(
  context: EngineContext,
  request: RolloutRequest,
  stage: Failure['stage'],
  error: unknown,
  parts: Partial<Pick<Rollout, 'plan' | 'edit' | 'verdicts'>> = {},
): Rollout {
  return named(request, { verdicts: [], ...parts }, maskedOutcome(context, stage, error))
}

function maskedOutcome(context: EngineContext, stage: Failure['stage'], error: unknown): Pick<Rollout, 'outcome'> {
  // A call that was cut short because the run ends has not failed.
  if (context.scope.aborted) throw interrupted()
  if (isFatal(error)) throw error
  const { thinkerPlugin: plan, editorPlugin: edit, rewardPlugin: reward } = context
  const plugins: Record<Failure['stage'], string | undefined> = { plan, edit, judge: undefined, reward }
  // The record keeps what it says; where in a plugin it happened is told to who asks for it.
  context.assembly.log.debug(stackOf(error))
  return { outcome: { kind: 'masked', failure: toFailure(error, stage, plugins[stage]) } }
}

/** Begins with what it names itself: Node 20 gives every object that begins with what another one spreads a hidden class of its own. */
function named(
  { id, sample, group, member, asked }: RolloutRequest,
  parts: Pick<Rollout, 'plan' | 'edit' | 'verdicts'>,
  end: Pick<Rollout, 'reward' | 'outcome'>,
): Rollout {
  return { id, sampleId: sample.id, group, member, ...(asked !== undefined && { asked }), ...parts, ...end }
}

function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}
