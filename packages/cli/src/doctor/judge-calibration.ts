import { type Agreement, agreement, type AnsweredTwice } from '@dda-thinker/evaluation'
import {
  type ChecklistItem,
  type Judge,
  JUDGES,
  type JudgeRequest,
  passed,
  verdictProblem,
} from '@dda-thinker/plugin-api'
import { AbortScope, type Assembly, seatFor, withDeadline } from '@dda-thinker/core'
import { type CalibrationItem, projectPaths } from '@dda-thinker/runs'
import { ContentStore } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { describeFailure, type FailureFacts } from './failure-facts.ts'

/** How far a judge agrees with the people behind a calibration set. */
export interface CalibrationReport extends Agreement {
  /** The judge's plugin. */
  readonly plugin: string
  /** Questions that it failed to answer. */
  readonly failed: number
  /** The first failure. */
  readonly error?: FailureFacts
}

interface Seat {
  readonly judge: Judge
  readonly plugin: string
  readonly pairs: AnsweredTwice[]
  failed: number
  error?: FailureFacts
}

/**
 * Asks the judges of an assembly that is not open the questions of a calibration set, each the first in config order that can answer it,
 * past the cache. What fails is counted and is no answer.
 *
 * @throws DdaError what a judge's `open` throws; the signal's reason
 */
export async function calibrateJudges(
  assembly: Assembly,
  root: string,
  items: readonly CalibrationItem[],
  signal: AbortSignal,
  confidence: number,
): Promise<readonly CalibrationReport[]> {
  const images = new ContentStore(projectPaths(assembly.config, root).store)
  await assembly.open([JUDGES], { images, signal, log: assembly.log, seed: assembly.config.seed })
  const seats = assembly
    .all(JUDGES)
    .map((judge): Seat => ({ judge, plugin: assembly.providerOf(judge), pairs: [], failed: 0 }))
  const scope = new AbortScope(signal)
  const open = items[Symbol.iterator]()
  const work = async () => {
    for (const item of open) await askAbout(assembly, seats, item, scope, signal)
  }
  try {
    const workers = Math.max(1, Math.min(8, ...seats.map(({ judge }) => judge.concurrency)))
    await Promise.all(Array.from({ length: workers }, work))
  } finally {
    scope.dispose()
  }
  return seats
    .filter(({ pairs, failed }) => pairs.length + failed > 0)
    .map(({ plugin, pairs, failed, error }) => ({
      plugin,
      ...agreement(pairs, confidence),
      failed,
      ...(error === undefined ? {} : { error }),
    }))
}

async function askAbout(
  assembly: Assembly,
  seats: readonly Seat[],
  item: CalibrationItem,
  scope: AbortScope,
  signal: AbortSignal,
): Promise<void> {
  const { question: text, expected, answer } = item
  const asked: ChecklistItem = { id: item.item, scope: item.scope, question: text, expected }
  const able = seats.filter(({ judge }) => judge.scopes.includes(item.scope))
  const seat = seatFor(able, asked)
  if (seat === undefined) return
  const deadline = {
    seconds: assembly.config.engine.deadline.judge,
    code: 'DDA_DEADLINE_JUDGE',
    what: `The answer of ${seat.plugin} to a calibration question`,
    stage: 'judge',
  } as const
  try {
    const request = requestOf(item, asked, seat.judge)
    const verdicts = await withDeadline(scope, deadline, (limited) => seat.judge.judge(request, { signal: limited }))
    const problem = verdictProblem([asked], verdicts)
    if (problem !== undefined) throw errors.make('DDA_CALIBRATION_ANSWER', { plugin: seat.plugin, problem })
    const [verdict] = verdicts
    if (verdict === undefined || verdict.unmeasured === true) seat.failed += 1
    else seat.pairs.push({ human: answer === expected, judge: passed(asked, verdict) })
  } catch (error) {
    signal.throwIfAborted()
    seat.failed += 1
    seat.error ??= describeFailure(error)
  }
}

/** As the engine would ask: of the sample only what the judge declares that it sees. A calibration set has no references. */
function requestOf(item: CalibrationItem, asked: ChecklistItem, judge: Judge): JudgeRequest {
  const { instruction, plan = '', source = [], edited } = item
  if (item.scope === 'cognitive' || edited === undefined)
    return { scope: 'cognitive', instruction, plan, items: [asked] }
  const seen = judge.sees?.includes('instruction') === true ? { instruction } : {}
  return { scope: 'visual', source, edited, items: [asked], ...seen }
}
