import {
  checkReward,
  type ChecklistItem,
  type DdaError,
  itemsOf,
  type Edit,
  type JudgeRequest,
  type Plan,
  type Reward,
  type Scope,
  type SeenOfSample,
  type Verdict,
  verdictProblem,
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
  if (seats.length === 0) throw uncovered([question.scope])
  const found = new Map<string, Verdict>()
  // What a judge cannot measure goes on to the ones behind it.
  let open: readonly Open[] = question.items.map((item) => ({ item, from: 0 }))
  while (open.length > 0) {
    const shares = [...shareItems(seats, request.sample, question.scope, open)]
    // Settled, not awaited in turn: one judge's failure must not leave another's call unheeded.
    const answers = await Promise.allSettled(
      shares.map(([seat, items]) => askSeat(context, request.sample, seat, { ...question, items })),
    )
    const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
    if (failures.length > 0) throw failures.find(isFatal) ?? failures[0]
    for (const answer of answers) {
      if (answer.status === 'fulfilled') for (const verdict of answer.value) found.set(verdict.itemId, verdict)
    }
    open = shares.flatMap(([seat, items]) =>
      items
        .filter(({ id }) => found.get(id)?.unmeasured === true)
        .map((item) => ({ item, from: seats.indexOf(seat) + 1, why: found.get(item.id)?.reason ?? '' })),
    )
  }
  return question.items.flatMap(({ id }) => found.get(id) ?? [])
}

/** An item without an answer yet, the first seat that may be asked, and what the one before it said. */
interface Open {
  readonly item: ChecklistItem
  readonly from: number
  readonly why?: string
}

/** The first judge in config order that can answer an item; all of them answer for its scope. */
export function seatFor<S extends Pick<JudgeSeat, 'judge'>>(
  seats: readonly S[],
  item: ChecklistItem,
  from = 0,
): S | undefined {
  return seats.slice(from).find(({ judge }) => judge.answers === undefined || judge.answers(item))
}

/** Each item goes to the first judge that can answer it; items of one judge stay in one request. */
function shareItems(
  seats: readonly JudgeSeat[],
  sample: SeenOfSample,
  scope: Scope,
  open: readonly Open[],
): Map<JudgeSeat, ChecklistItem[]> {
  const shares = new Map<JudgeSeat, ChecklistItem[]>()
  for (const { item, from, why } of open) {
    const seat = seatFor(seats, item, from)
    if (seat === undefined) {
      const holes = { item: item.id, sample: sample.id, scope }
      const details = { stage: 'judge', sampleId: sample.id } as const
      if (why === undefined) throw errors.make('DDA_JUDGE_ITEM_UNCOVERED', holes, { ...details, stopsRun: true })
      throw errors.make('DDA_JUDGE_UNMEASURED', { ...holes, why }, { ...details, kind: 'bad-output' })
    }
    shares.set(seat, [...(shares.get(seat) ?? []), item])
  }
  return shares
}

/** One judge, through its queue, the cache and the books. */
export async function askSeat(
  context: EngineContext,
  about: SeenOfSample,
  seat: JudgeSeat,
  asked: JudgeRequest,
): Promise<readonly Verdict[]> {
  const question = shownTo(seat.judge, about, asked)
  const make = (): Promise<readonly Verdict[]> =>
    seat.queue.add(async () => {
      if (context.stopping()) throw interrupted()
      context.ledger.reserve('judge')
      const deadline = {
        seconds: context.assembly.config.engine.deadline.judge,
        code: 'DDA_DEADLINE_JUDGE',
        what: `The ${question.scope} judgement by ${seat.plugin}`,
        stage: 'judge',
      } as const
      const verdicts = await withDeadline(context.scope, deadline, (limits) => seat.judge.judge(question, limits))
      await context.ledger.result('judge', seat.plugin)
      const problem = verdictProblem(question.items, verdicts)
      if (problem === undefined) return verdicts
      const holes = { plugin: seat.plugin, scope: question.scope, sample: about.id, problem }
      const where = { plugin: seat.plugin, stage: 'judge', sampleId: about.id } as const
      throw errors.make('DDA_JUDGE_BAD_OUTPUT', holes, { ...where, kind: 'bad-output' })
    })
  const { value, source } = await context.cache.resolve(
    verdictKey(seat, question),
    make,
    (kept) => Array.isArray(kept) && verdictProblem(question.items, kept) === undefined,
  )
  if (source === 'made') context.stats.judgements.made += 1
  else context.stats.judgements.reused += 1
  return value
}

function verdictKey(seat: JudgeSeat, question: JudgeRequest): string {
  return ResultCache.key(['verdicts', 1, seat.judge.fingerprint, question.scope, seenKey(question), question.items])
}

/** The configuration error for checklist items that no judge answers. */
export function uncovered(scopes: readonly Scope[]): DdaError {
  return errors.make('DDA_JUDGE_SCOPE_UNCOVERED', { scopes: scopes.join(' and ') }, { stage: 'judge' })
}
