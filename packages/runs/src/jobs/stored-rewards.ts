import {
  type Estimator,
  type Reward,
  type Rollout,
  type Sample,
  SCOPES,
  type StreamMode,
  streamOf,
} from '@dda-thinker/plugin-api'
import { type PlanAdvantages, planAdvantages } from '@dda-thinker/evaluation'
import type { ProjectConfig } from '@dda-thinker/config'
import { LineIndex } from '@dda-thinker/store'
import type { ProjectPaths } from '../data/workspace.ts'
import { listArms, listSamplesOf } from '../record/arms.ts'
import { readJournal, type RolloutLine } from '../record/journal.ts'
import type { RunInfo } from '../record/run-dir.ts'

/** How a configuration has its trainer make advantages of rewards. */
export interface AdvantageSetting {
  readonly advantage: Estimator
  readonly mode: StreamMode
  readonly weights: Readonly<Record<string, number>>
  readonly planOnly: number
}

const ESTIMATORS: readonly string[] = ['gae', 'grpo', 'rloo', 'reinforce++'] satisfies readonly Estimator[]
const MODES: readonly string[] = ['sum', 'normalized', 'split'] satisfies readonly StreamMode[]

/**
 * The vocabulary of PPO that trainers share, as far as a configuration says it.
 * @param base what holds where it says nothing
 * @returns undefined where neither names an estimator, as with a trainer of another vocabulary
 */
export function advantageSetting(
  { trainer }: Pick<ProjectConfig, 'trainer'>,
  base?: AdvantageSetting,
): AdvantageSetting | undefined {
  const { advantage = base?.advantage, streams = {} } = (trainer ?? {}) as {
    readonly advantage?: unknown
    readonly streams?: { readonly mode?: unknown; readonly weights?: unknown; readonly planOnly?: unknown }
  }
  const { mode = base?.mode ?? 'sum', weights = base?.weights ?? {}, planOnly = base?.planOnly ?? 0.5 } = streams
  if (!ESTIMATORS.includes(String(advantage)) || !MODES.includes(String(mode))) return undefined
  return {
    advantage: advantage as Estimator,
    mode: mode as StreamMode,
    weights: weights as Readonly<Record<string, number>>,
    planOnly: Number(planOnly),
  }
}

/** The rollouts of a training, step by step; of an evaluation those of one Thinker after the other. */
export async function* readSteps(runDir: string): AsyncGenerator<readonly RolloutLine[]> {
  let lines: RolloutLine[] = []
  for await (const line of readJournal(runDir)) {
    const [first] = lines
    const ends = line.type !== 'rollout' || (first !== undefined && first.step !== line.step)
    if (ends && lines.length > 0) {
      yield lines
      lines = []
    }
    if (line.type === 'rollout') lines.push(line)
  }
  if (lines.length > 0) yield lines
}

/** A rollout with a reward, as it is recorded or as it would be. */
export interface Scored {
  readonly line: RolloutLine
  readonly reward: Reward
  /** What it was asked, where not everything. */
  readonly asked?: Rollout['asked']
}

/** The advantages of a step's rewards, whole plan by whole plan. */
export interface StepAdvantages extends PlanAdvantages {
  /** Names of `byStream`; one, `total`, under `sum`. */
  readonly streams: readonly string[]
  /** What each plan earned in each of them; undefined: not asked. */
  readonly scores: readonly (readonly (number | undefined)[])[]
  /** Each plan was compared with the others of its group in place of a critic, whose values no record holds. */
  readonly withoutCritic: boolean
}

/** @param scored those of one step that are not masked */
export function stepAdvantagesOf(scored: readonly Scored[], setting: AdvantageSetting): StepAdvantages {
  const { advantage, mode, weights } = setting
  const streams = mode === 'sum' ? ['total'] : streamsOf(scored)
  const scores = scored.map((one) => (mode === 'sum' ? [one.reward.total] : shares(one, streams)))
  const plans = scored.map(({ line }, i) => ({
    group: line.rollout.group,
    tokens: line.tokens ?? 1,
    scores: scores[i] ?? [],
  }))
  const estimator = advantage === 'gae' ? 'rloo' : advantage
  const found = planAdvantages(plans, { estimator, mode, weights: streams.map((name) => weights[name] ?? 1) })
  return { ...found, streams, scores, withoutCritic: advantage === 'gae' }
}

/** The streams that the rewards of a step have shares in, those of items first. */
function streamsOf(scored: readonly Scored[]): readonly string[] {
  const items = new Set(scored.flatMap(({ reward }) => reward.items.map(streamOf)))
  const extras = new Set(scored.flatMap(({ reward }) => Object.keys(reward.extras)))
  return [...new Set([...[...items].toSorted(), ...[...extras].toSorted()])]
}

/** A rollout that was not asked for all has no items of what it was not asked. */
function shares({ reward, asked = SCOPES }: Scored, streams: readonly string[]): (number | undefined)[] {
  return streams.map((stream) => {
    const items = reward.items.filter((item) => streamOf(item) === stream)
    const extra = reward.extras[stream]
    const wasAsked = items.length > 0 || extra !== undefined || asked.length === SCOPES.length
    return wasAsked ? items.reduce((sum, { contribution }) => sum + contribution, extra ?? 0) : undefined
  })
}

/** One line of a reward's sum. */
export interface RewardShare {
  readonly item: string
  readonly scope?: string
  readonly stream: string
  readonly question?: string
  readonly expected?: string
  readonly answer?: string
  readonly passed?: boolean
  readonly share: number
  /** The words of the plan that it is credited at the end of; absent: the end of the plan. */
  readonly creditedTo?: string
}

/** A reward as the sum that it is, items in the order of the checklist, then what belongs to none. */
export function rewardShares({ plan, verdicts, reward }: Rollout, sample: Sample | undefined): readonly RewardShare[] {
  const items = new Map(sample?.checklist.map((item) => [item.id, item]))
  const answers = new Map(verdicts.map((verdict) => [verdict.itemId, verdict]))
  const ofItems = (reward?.items ?? []).map((one): RewardShare => {
    const [item, verdict] = [items.get(one.itemId), answers.get(one.itemId)]
    const words =
      one.creditAt === undefined ? undefined : plan?.text.slice(Math.max(0, one.creditAt - 40), one.creditAt)
    return {
      item: one.itemId,
      scope: one.scope,
      stream: streamOf(one),
      ...(item !== undefined && { question: item.question, expected: item.expected }),
      ...(verdict !== undefined && { answer: verdict.answer }),
      passed: one.passed,
      share: one.contribution,
      ...(words !== undefined && { creditedTo: words }),
    }
  })
  const extras = Object.entries(reward?.extras ?? {}).map(([name, share]): RewardShare => ({
    item: name,
    stream: name,
    share,
  }))
  return [...ofItems, ...extras]
}

/** A rollout of a record with what its plan was compared with. */
export interface StoredRollout {
  readonly rollout: Rollout
  /** 0 outside training. */
  readonly step: number
  /** Absent where the rollout is masked, and where no trainer with the options of PPO learned from it. */
  readonly advantage?: StoredAdvantage
}

/** The advantage of a whole plan, without KL. */
export interface StoredAdvantage {
  readonly setting: AdvantageSetting
  readonly withoutCritic: boolean
  readonly combined: number
  readonly streams: readonly {
    readonly name: string
    readonly weight: number
    /** What the plan earned in it; undefined: not asked. */
    readonly own: number | undefined
    /** What the plans of its group earned, itself among them. */
    readonly group: readonly (number | undefined)[]
    readonly advantage: number
  }[]
}

/** @param thinker of an evaluation; absent: the first one that has such a rollout */
export async function findStoredRollout(
  { dir, manifest }: Pick<RunInfo, 'dir' | 'manifest'>,
  id: string,
  thinker?: string,
): Promise<StoredRollout | undefined> {
  for await (const lines of readSteps(dir)) {
    const line = lines.find(
      ({ rollout, thinker: of }) => rollout.id === id && (thinker === undefined || of === thinker),
    )
    if (line === undefined) continue
    const { rollout, step } = line
    const setting = manifest.task === 'train' ? advantageSetting(manifest.config) : undefined
    if (setting === undefined || rollout.reward === undefined) return { rollout, step }
    const scored = lines.flatMap((one): Scored[] => {
      const { reward, asked } = one.rollout
      return reward === undefined ? [] : [{ line: one, reward, ...(asked !== undefined && { asked }) }]
    })
    return { rollout, step, advantage: advantageOf(scored, setting, rollout) }
  }
  return undefined
}

function advantageOf(scored: readonly Scored[], setting: AdvantageSetting, { id, group }: Rollout): StoredAdvantage {
  const { combined, byStream, streams, scores, withoutCritic } = stepAdvantagesOf(scored, setting)
  const at = scored.findIndex(({ line }) => line.rollout.id === id)
  return {
    setting,
    withoutCritic,
    combined: combined[at] ?? 0,
    streams: streams.map((name, stream) => ({
      name,
      weight: setting.mode === 'sum' ? 1 : (setting.weights[name] ?? 1),
      own: scores[at]?.[stream],
      group: scored.flatMap(({ line }, i) => (line.rollout.group === group ? [scores[i]?.[stream]] : [])),
      advantage: byStream[stream]?.[at] ?? 0,
    })),
  }
}

/**
 * By id, the samples of a record, each with the checklist that it was judged by; read as they are asked for.
 *
 * @throws DdaError `DDA_DATA_MISSING`
 */
export async function recordedSamples(
  run: RunInfo,
  paths: ProjectPaths,
): Promise<Pick<ReadonlyMap<string, Sample>, 'get'>> {
  const arms = await listArms(run)
  const samples = await listSamplesOf(run, [...arms.values()], paths)
  const index = new LineIndex(samples, ({ id }) => id)
  let place = 0
  for (const { id } of samples) index.add(id, place++)
  return index
}
