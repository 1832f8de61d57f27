import type { StageEstimate } from '@dda-thinker/evaluation'
import { beyondBudget, type Estimated, estimateOfTraining } from '../project/estimate.ts'
import { loadProject, runsDirOf, warnOfBudget } from '../project/session.ts'
import { type CommandSpec, number, text } from '../terminal/command.ts'
import { figure, formatTable } from '../terminal/table.ts'

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
    const loaded = await loadProject(context)
    await warnOfBudget(context, loaded)
    const steps = number(options, 'steps') ?? loaded.config.train.steps
    const ahead = await estimateOfTraining(loaded, {
      runsDir: await runsDirOf(context),
      steps,
      from: text(options, 'from'),
    })
    const exceeded = beyondBudget(loaded, ahead)
    for (const line of exceeded) context.warn(line)
    return { exitCode: 0, data: { steps, ...ahead, exceeded }, text: shown(steps, ahead) }
  },
}

function shown(steps: number, { rollouts, stages, seconds, money, measuredBy: run }: Estimated): string {
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
