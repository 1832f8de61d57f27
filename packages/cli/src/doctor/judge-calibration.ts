import {
  askCalibration,
  type AskJudges,
  type CalibrationItem,
  type CalibrationResult,
  checkCalibrationPictures,
  drawQuestions,
  readCalibration,
  type Spending,
  totalSpending,
} from '@dda-thinker/evaluation'
import {
  type ChecklistItem,
  type Cost,
  type Judge,
  JUDGES,
  type JudgeRequest,
  type JudgeShare,
  type SeenOfSample,
  type Verdict,
  verdictProblem,
} from '@dda-thinker/plugin-api'
import {
  AbortScope,
  type Assembly,
  Ledger,
  type OpenContext,
  seatFor,
  shownTo,
  toFailure,
  withDeadline,
} from '@dda-thinker/core'
import type { LoadedConfig } from '@dda-thinker/config'
import { projectPaths } from '@dda-thinker/runs'
import { ContentStore } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/** How far the judges of a configuration agree with the people behind a calibration set. */
export interface CalibrationReport extends CalibrationResult {
  readonly file: string
  /** Questions that were asked, and those in the file. */
  readonly questions: number
  readonly of: number
  /** Which of them follows from it. */
  readonly seed: number
  /** What it cost, by plugin and endpoint: judgements, calls, and tokens and money where they are told. */
  readonly spending: readonly Spending[]
  readonly cost: Cost
}

/** Questions that judges can be asked: the set is sound, and its pictures are there. */
export interface OpenCalibration {
  readonly file: string
  readonly items: readonly CalibrationItem[]
  /** Questions in the file. */
  readonly of: number
  readonly images: ContentStore
}

/**
 * A calibration set, checked before any judge is asked.
 *
 * @param most questions, drawn with the configuration's seed where there are more
 * @throws DdaError `DDA_CALIBRATION_MISSING`, `DDA_CALIBRATION_INVALID` with file:line
 */
export async function openCalibration(
  file: string,
  { config, dir }: Pick<LoadedConfig, 'config' | 'dir'>,
  most: number,
): Promise<OpenCalibration> {
  const set = await readCalibration(file)
  const items = drawQuestions(set.items, most, config.seed)
  const images = new ContentStore(projectPaths(config, dir).store)
  await checkCalibrationPictures(set, items, images)
  return { file, items, of: set.items.length, images }
}

/**
 * Asks the judges of an assembly that is not open the questions of a calibration set, each the first in config order that can answer it,
 * past the cache. What fails is counted and is no answer.
 *
 * @throws DdaError what a judge's `open` throws; the signal's reason
 */
export async function calibrateJudges(
  assembly: Assembly,
  { file, items, of, images }: OpenCalibration,
  signal: AbortSignal,
): Promise<CalibrationReport> {
  const { seed, eval: statistics } = assembly.config
  const ledger = new Ledger()
  const meterOf: OpenContext['meterOf'] = (_id, plugin) => (call) => ledger.call('judge', plugin, call)
  await assembly.open([JUDGES], { images, signal, log: assembly.log, seed, meterOf })
  const judges = assembly.all(JUDGES)
  const scope = new AbortScope(signal)
  try {
    const concurrency = Math.max(1, Math.min(8, ...judges.map((judge) => judge.concurrency)))
    const ask: AskJudges = (question, about) => askJudges({ assembly, judges, scope, ledger }, question, about)
    const result = await askCalibration(items, ask, { confidence: statistics.confidence, concurrency })
    const spending = ledger.sums.all()
    return { file, questions: items.length, of, seed, ...result, spending, cost: totalSpending(spending) }
  } finally {
    scope.dispose()
  }
}

interface Asking {
  readonly assembly: Assembly
  readonly judges: readonly Judge[]
  readonly scope: AbortScope
  readonly ledger: Ledger
}

/** As the engine would ask, without its cache: of the sample each judge sees what it declares. */
async function askJudges(asking: Asking, question: JudgeRequest, about: SeenOfSample): Promise<readonly JudgeShare[]> {
  const seats = asking.judges.filter(({ scopes }) => scopes.includes(question.scope)).map((judge) => ({ judge }))
  const shares = new Map<Judge, ChecklistItem[]>()
  for (const item of question.items) {
    const judge = seatFor(seats, item)?.judge
    if (judge !== undefined) shares.set(judge, [...(shares.get(judge) ?? []), item])
  }
  return Promise.all(
    [...shares].map(async ([judge, items]): Promise<JudgeShare> => {
      const plugin = asking.assembly.providerOf(judge)
      try {
        const verdicts = await askJudge(asking, judge, shownTo(judge, about, { ...question, items }))
        return { judge: plugin, items, verdicts }
      } catch (error) {
        asking.scope.signal.throwIfAborted()
        return { judge: plugin, items, failure: toFailure(error, 'judge', plugin) }
      }
    }),
  )
}

async function askJudge(
  { assembly, scope, ledger }: Asking,
  judge: Judge,
  question: JudgeRequest,
): Promise<readonly Verdict[]> {
  const plugin = assembly.providerOf(judge)
  const deadline = {
    seconds: assembly.config.engine.deadline.judge,
    code: 'DDA_DEADLINE_JUDGE',
    what: `The answer of ${plugin} to a calibration question`,
    stage: 'judge',
  } as const
  const verdicts = await withDeadline(scope, deadline, (limits) => judge.judge(question, limits))
  await ledger.result('judge', plugin)
  const problem = verdictProblem(question.items, verdicts)
  if (problem !== undefined) throw errors.make('DDA_CALIBRATION_ANSWER', { plugin, problem })
  return verdicts
}
