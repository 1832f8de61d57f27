import {
  checkReward,
  type ChecklistItem,
  type DdaError,
  itemsOf,
  type Edit,
  type JudgeRequest,
  type Plan,
  type Reward,
  type Sample,
  type Scope,
  type Verdict,
} from '@dda-thinker/plugin-api'
import { withDeadline } from '../context/abort-scope.ts'
import type { EngineContext, JudgeSeat, RolloutRequest } from '../context/engine-context.ts'
import { interrupted, isFatal } from '../context/failure.ts'
import { ResultCache } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { seenKey, shownTo } from './judge-sight.ts'

/** judge, cognitive half: the plan's executable part is asked about. */
export function judgePlan(context: EngineContext, request: RolloutRequest, plan: Plan): Promise<readonly Verdict[]> {
  const { sample } = request
  const items = itemsOf(sample.checklist, 'cognitive')
  return ask(context, request, {
    scope: 'cognitive',
    instruction: sample.instruction,
    plan: plan.executable,
    items,
  })
}

/** judge, visual half: source and edited pixels are asked about; the plan is out of the judge's reach. */
export function judgeEdit(context: EngineContext, request: RolloutRequest, edit: Edit): Promise<readonly Verdict[]> {
  const { sample } = request
  return ask(context, request, {
    scope: 'visual',
    source: sample.images,
    edited: edit.image,
    items: itemsOf(sample.checklist, 'visual'),
  })
}

/** Plan + verdicts → reward; a reward that is no number or does not add up is the decomposition's failure. */
export function rewardOf(
  context: EngineContext,
  { sample, asked }: RolloutRequest,
  plan: Plan,
  verdicts: readonly Verdict[],
): Reward {
  const input = { plan, checklist: sample.checklist, verdicts, ...(asked !== undefined && { asked }) }
  const reward = context.reward.decompose(input)
  checkReward(plan, reward, { kind: 'plugin-error', plugin: context.rewardPlugin, stage: 'reward' })
  return reward
}

async function ask(
  context: EngineContext,
  request: RolloutRequest,
  question: JudgeRequest,
): Promise<readonly Verdict[]> {
  if (question.items.length === 0) return []
  const seats = context.judges.get(question.scope) ?? []
  const shares = shareItems(seats, request.sample, question)
  // Settled, not awaited in turn: one judge's failure must not leave another's call unheeded.
  const answers = await Promise.allSettled(
    [...shares].map(([seat, items]) => askSeat(context, request, seat, { ...question, items })),
  )
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  if (failures.length > 0) throw failures.find(isFatal) ?? failures[0]
  const verdicts = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (shares.size === 1) return verdicts
  const byItem = new Map(verdicts.map((verdict) => [verdict.itemId, verdict]))
  return question.items.flatMap(({ id }) => byItem.get(id) ?? [])
}

/** The first judge in config order that can answer an item. */
export function seatFor(seats: readonly JudgeSeat[], item: ChecklistItem): JudgeSeat | undefined {
  return seats.find(({ judge }) => judge.answers === undefined || judge.answers(item))
}

/** Each item goes to the first judge that can answer it; items of one judge stay in one request. */
function shareItems(
  seats: readonly JudgeSeat[],
  sample: Sample,
  { scope, items }: JudgeRequest,
): Map<JudgeSeat, ChecklistItem[]> {
  if (seats.length === 0) throw uncovered([scope])
  const shares = new Map<JudgeSeat, ChecklistItem[]>()
  for (const item of items) {
    const seat = seatFor(seats, item)
    if (seat === undefined) {
      throw errors.make(
        'DDA_JUDGE_ITEM_UNCOVERED',
        { item: item.id, sample: sample.id, scope },
        { stage: 'judge', sampleId: sample.id, stopsRun: true },
      )
    }
    const share = shares.get(seat)
    if (share === undefined) shares.set(seat, [item])
    else share.push(item)
  }
  return shares
}

/** One judge, through its queue, the cache and the books. */
export async function askSeat(
  context: EngineContext,
  request: RolloutRequest,
  seat: JudgeSeat,
  asked: JudgeRequest,
): Promise<readonly Verdict[]> {
  const question = shownTo(seat.judge, request.sample, asked)
  const { value, source } = await context.cache.resolve(verdictKey(seat, question), () =>
    seat.queue.add(async () => {
      if (context.stopping()) throw interrupted()
      context.ledger.reserve('judge')
      const deadline = {
        seconds: context.assembly.config.engine.deadline.judge,
        code: 'DDA_DEADLINE_JUDGE',
        what: `The ${question.scope} judgement by ${seat.plugin}`,
        stage: 'judge',
      } as const
      const verdicts = await withDeadline(context.scope, deadline, (signal) => seat.judge.judge(question, { signal }))
      await context.ledger.result('judge', seat.plugin)
      checkVerdicts(seat, request.sample, question, verdicts)
      return verdicts
    }),
  )
  if (source === 'made') context.stats.judgements.made += 1
  else context.stats.judgements.reused += 1
  return value
}

function verdictKey(seat: JudgeSeat, question: JudgeRequest): string {
  return ResultCache.key(['verdicts', 1, seat.judge.fingerprint, question.scope, seenKey(question), question.items])
}

const ANSWERS = new Set(['yes', 'no', 'unsure'])

/** Exactly one verdict an item: a judge that forgets one must not make it easier, or harder, to pass. */
function checkVerdicts(seat: JudgeSeat, sample: Sample, question: JudgeRequest, verdicts: readonly Verdict[]): void {
  const open = new Set(question.items.map((item) => item.id))
  let problem: string | undefined
  for (const verdict of verdicts) {
    if (!open.delete(verdict.itemId)) problem ??= `item "${verdict.itemId}" was not asked, or is answered twice`
    if (!ANSWERS.has(verdict.answer))
      problem ??= `item "${verdict.itemId}" has the answer "${verdict.answer as string}"`
  }
  if (open.size > 0) problem ??= `no verdict for item "${[...open].join('", "')}"`
  if (problem === undefined) return
  const { plugin } = seat
  throw errors.make(
    'DDA_JUDGE_BAD_OUTPUT',
    { plugin, scope: question.scope, sample: sample.id, problem },
    { kind: 'bad-output', plugin, stage: 'judge', sampleId: sample.id },
  )
}

/** The configuration error for checklist items that no judge answers. */
export function uncovered(scopes: readonly Scope[]): DdaError {
  return errors.make('DDA_JUDGE_SCOPE_UNCOVERED', { scopes: scopes.join(' and ') }, { stage: 'judge' })
}
