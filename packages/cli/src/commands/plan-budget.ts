import type { Block, LoadedConfig, ProjectConfig } from '@dda-thinker/config'
import type { StageEstimate, TrainingEstimate } from '@dda-thinker/evaluation'
import type { RunInfo } from '@dda-thinker/runs'
import { loadProject, runsDirOf, warnOfBudget } from '../project/session.ts'
import { type CommandSpec, number, text } from '../terminal/command.ts'
import { formatTable } from '../terminal/table.ts'

export const planBudget: CommandSpec = {
  name: 'plan-budget',
  summary: 'Say what a training asks for at most, and what that costs and takes, before it begins.',
  details:
    'Calls nobody. Counts are upper bounds from the configuration: what the cache has is free. Costs and times are those that a run of this\n' +
    'project measured, with the same plugins as Editor and judges; without one, edits cost their `price`. What is not known is said to be so.',
  options: [
    { flags: '--steps <n>', description: 'Steps in all. Default: `train.steps`.', type: 'integer' },
    {
      flags: '--from <run>',
      description: 'The run that measured. Default: the newest with the same Editor and judges.',
    },
  ],
  examples: [
    ['dda plan-budget', 'edits, judgements, tokens, money, time'],
    ['dda plan-budget --steps 200 --set train.groupSize=16', 'of another training'],
  ],
  async run(context, _args, options) {
    const { blocksOf } = await import('@dda-thinker/config')
    const { estimateTraining } = await import('@dda-thinker/evaluation')
    const { listRuns, readRun, readRunSpending, runPath } = await import('@dda-thinker/runs')
    const loaded = await loadProject(context)
    await warnOfBudget(context, loaded)
    const { config } = loaded
    const runsDir = await runsDirOf(context)
    const from = text(options, 'from')
    const run =
      from === undefined
        ? await newestMeasured(await listRuns(runsDir), config, readRunSpending)
        : await readRun(runPath(runsDir, from))
    const measured = run === undefined ? [] : (await readRunSpending(run.dir)).rows
    const blocks = blocksOf(config)
    const editor = blocks.find(({ key }) => key.key === 'editor')
    const judges = blocks.filter(({ key }) => key.key === 'judge')
    const steps = number(options, 'steps') ?? config.train.steps
    const { samplesPerStep, groupSize, filter } = config.train
    const estimate = estimateTraining(
      {
        steps,
        samplesPerStep,
        groupSize,
        refills: filter?.refills ?? 0,
        planOnly: planOnly(config),
        judges: judges.length,
      },
      measured,
      { ...places('edit', editor === undefined ? [] : [editor]), ...places('judge', judges) },
      (editor?.options['price'] as { readonly perEdit?: number } | undefined)?.perEdit,
    )
    const exceeded = beyond(loaded, estimate)
    for (const line of exceeded) context.warn(line)
    return {
      exitCode: 0,
      data: { steps, ...estimate, ...(run === undefined ? {} : { measuredBy: run.name }), exceeded },
      text: shown(steps, estimate, run?.name),
    }
  },
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

/** What the budget does not reach for. */
function beyond({ config: { budget } }: LoadedConfig, { stages, seconds, money }: TrainingEstimate): readonly string[] {
  const of = (stage: string) => stages.find((one) => one.stage === stage)
  const wanted = { edits: of('edit')?.most, judgeTokens: of('judge')?.tokens, money, seconds }
  return Object.entries(wanted).flatMap(([key, want]) => {
    const limit = budget[key as keyof typeof wanted]
    if (limit === undefined || want === undefined || want <= limit) return []
    return [
      `budget.${key} is ${limit}, and this training may want ${figure(want)}: it would stop there, to be continued.`,
    ]
  })
}

function shown(steps: number, { rollouts, stages, seconds, money }: TrainingEstimate, run: string | undefined): string {
  const columns = ['at most', 'at once', 's each', 'hours', 'tokens', 'money']
  const table = formatTable(
    [{ title: '' }, ...columns.map((title) => ({ title, align: 'right' as const }))],
    stages.map((stage) => row(stage)),
  )
  const whole = [
    seconds === undefined
      ? 'time not known'
      : `${(seconds / 3600).toPrecision(2)} h with all places busy, the policy's own work aside`,
    money === undefined ? 'money not known' : `money ${figure(money)}`,
  ]
  const source =
    run === undefined
      ? 'No run has measured these plugins yet: a short one does (dda eval --thinker none --limit 8, or dda train --steps 2).'
      : `Costs and times as measured by ${run}.`
  return `${steps} steps, ${rollouts} plans\n\n${table}\n\n${whole.join('; ')}\n${source}`
}

function row({ stage, most, places: at, secondsEach, seconds, tokens, money }: StageEstimate): string[] {
  const of = (value: number | undefined) => (value === undefined ? '–' : figure(value))
  const hours = seconds === undefined ? undefined : seconds / 3600
  return [
    stage === 'edit' ? 'edits' : 'judgements',
    String(most),
    of(at),
    of(secondsEach),
    of(hours),
    of(tokens),
    of(money),
  ]
}

function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
