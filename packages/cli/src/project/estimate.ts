import type { Block, LoadedConfig, ProjectConfig } from '@dda-thinker/config'
import type { TrainingEstimate } from '@dda-thinker/evaluation'
import type { RunInfo } from '@dda-thinker/runs'
import type { Context } from '../terminal/output.ts'
import type { Progress } from '../terminal/progress.ts'
import { figure } from '../terminal/table.ts'

/** What is ahead, and the run whose books say what it costs. */
export interface Estimated extends TrainingEstimate {
  /** Name of the run that measured; absent where none has. */
  readonly measuredBy?: string
}

export interface EstimateRequest {
  readonly runsDir: string
  /** Training steps ahead. */
  readonly steps: number
  /** Name of the run that measured. Default: the newest with the same Editor and judges. */
  readonly from?: string | undefined
}

/** What a training asks for at most; calls nobody. */
export function estimateOfTraining({ config }: LoadedConfig, request: EstimateRequest): Promise<Estimated> {
  const { samplesPerStep, groupSize, filter } = config.train
  const size = { samplesPerStep, groupSize, refills: filter?.refills ?? 0, planOnly: planOnly(config) }
  return estimate(config, request, size)
}

/** What an evaluation asks for at most: a rollout for each Thinker and sample. */
export function estimateOfEvaluation(
  { config }: LoadedConfig,
  { runsDir, samples, thinkers }: { readonly runsDir: string; readonly samples: number; readonly thinkers: number },
): Promise<Estimated> {
  const size = { samplesPerStep: samples, groupSize: thinkers, refills: 0, planOnly: 0 }
  return estimate(config, { runsDir, steps: 1 }, size)
}

interface Size {
  readonly samplesPerStep: number
  readonly groupSize: number
  readonly refills: number
  readonly planOnly: number
}

async function estimate(
  config: ProjectConfig,
  { runsDir, steps, from }: EstimateRequest,
  size: Size,
): Promise<Estimated> {
  const { blocksOf } = await import('@dda-thinker/config')
  const { estimateTraining } = await import('@dda-thinker/evaluation')
  const { listRuns, readRun, readRunSpending, runPath } = await import('@dda-thinker/runs')
  const run =
    from === undefined
      ? await newestMeasured(await listRuns(runsDir), config, readRunSpending)
      : await readRun(runPath(runsDir, from))
  const measured = run === undefined ? [] : (await readRunSpending(run.dir)).rows
  const blocks = blocksOf(config)
  const editor = blocks.find(({ key }) => key.key === 'editor')
  const judges = blocks.filter(({ key }) => key.key === 'judge')
  const ahead = estimateTraining(
    { ...size, steps, judges: judges.length },
    measured,
    { ...places('edit', editor === undefined ? [] : [editor]), ...places('judge', judges) },
    (editor?.options['price'] as { readonly perEdit?: number } | undefined)?.perEdit,
  )
  return { ...ahead, ...(run === undefined ? {} : { measuredBy: run.name }) }
}

/** The newest run whose books have edits or judgements of the plugins that are configured now. */
async function newestMeasured(
  runs: readonly RunInfo[],
  config: ProjectConfig,
  spendingOf: (dir: string) => Promise<{ readonly rows: readonly { readonly results?: number }[] }>,
): Promise<RunInfo | undefined> {
  for (const run of runs) {
    const before = run.manifest.config as Partial<ProjectConfig>
    if (namesOf(before) !== namesOf(config)) continue
    const { rows } = await spendingOf(run.dir).catch(() => ({ rows: [] }))
    if (rows.some(({ results = 0 }) => results > 0)) return run
  }
  return undefined
}

function namesOf({ editor, judge = [] }: Partial<ProjectConfig>): string {
  return JSON.stringify([editor?.use, ...judge.map(({ use }) => use)])
}

/** Share of a group that is asked for its plan alone, as the trainer's options have it. */
function planOnly({ trainer }: ProjectConfig): number {
  const { streams } = (trainer ?? {}) as { readonly streams?: { readonly mode?: string; readonly planOnly?: number } }
  return streams?.mode === 'split' ? (streams.planOnly ?? 0.5) : 0
}

/** Calls at once, where all plugins of the stage say how many replicas they call. */
function places<S extends string>(stage: S, blocks: readonly Block[]): Partial<Record<S, number>> {
  const each = blocks.map(({ options }) => {
    const { endpoint, endpoints, perEndpoint } = options
    const replicas = Array.isArray(endpoints) ? endpoints.length : endpoint === undefined ? undefined : 1
    return replicas === undefined || typeof perEndpoint !== 'number' ? undefined : replicas * perEndpoint
  })
  const known = each.filter((count) => count !== undefined)
  if (known.length === 0 || known.length < each.length) return {}
  return { [stage]: known.reduce((sum, count) => sum + count, 0) } as Partial<Record<S, number>>
}

/** What the budget does not reach for, as sentences. */
export function beyondBudget({ config: { budget } }: LoadedConfig, ahead: TrainingEstimate): readonly string[] {
  const of = (stage: string) => ahead.stages.find((one) => one.stage === stage)
  const { money, seconds } = ahead
  const wanted = { edits: of('edit')?.most, judgeTokens: of('judge')?.tokens, money, seconds }
  return Object.entries(wanted).flatMap(([key, want]) => {
    const limit = budget[key as keyof typeof wanted]
    if (limit === undefined || want === undefined || want <= limit) return []
    return [`budget.${key} is ${limit}, and this may want ${figure(want)}: it would stop there, to be continued.`]
  })
}

/** The line before a run begins. What nobody has measured is said to be so. */
export function sayEstimate(
  { quiet }: Pick<Context, 'quiet'>,
  progress: Progress,
  { stages, seconds, money, measuredBy }: Estimated,
): void {
  if (quiet) return
  const counts = stages.map(({ stage, most }) => `${most} ${stage === 'edit' ? 'edits' : 'judgements'}`)
  const known = [
    ...(seconds === undefined ? [] : [`${duration(seconds)} with all places busy`]),
    ...(money === undefined ? [] : [`money ${figure(money)}`]),
  ]
  const by = measuredBy === undefined ? 'by `price`' : `as measured by ${measuredBy}`
  const costs = known.length === 0 ? 'what they cost and take is not known yet' : `${known.join(', ')} ${by}`
  progress.line(`Ahead: at most ${counts.join(' and ')}; ${costs}.`)
}

function duration(seconds: number): string {
  return seconds < 3600 ? `${figure(Math.max(1, seconds / 60))} min` : `${figure(seconds / 3600)} h`
}
