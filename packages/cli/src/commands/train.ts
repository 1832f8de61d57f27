import type { TrainResult } from '@dda-thinker/runs'
import { EXTERNAL_TRAINER } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { type CommandSpec, flag, number, text } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { showProgress } from '../terminal/events.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { recordTimings, runDirOf, sameCommand, withSession } from '../project/session.ts'
import type { Interrupt } from '../terminal/interrupt.ts'
import { beyondBudget, estimateOfTraining, sayEstimate } from '../project/estimate.ts'
import { offerRewards } from '../project/offer-rewards.ts'
import { runFolder } from '../project/run-folder.ts'

export const train: CommandSpec = {
  name: 'train',
  summary: 'Train the Thinker; the same command again continues where it stopped.',
  details:
    'A run is found again by its configuration, so killing it at any moment and repeating the command loses nothing.\n' +
    'Stage `rl` (the default) is PPO on the reward; stage `sft` imitates the demonstrations of the samples.',
  options: [
    { flags: '--stage <stage>', description: 'What kind of training.', choices: ['rl', 'sft'], default: 'rl' },
    { flags: '--steps <n>', description: 'Steps in all. Default: `train.steps`.', type: 'integer' },
    { flags: '--batch <n>', description: 'Demonstrations a step, in stage sft.', type: 'integer', default: '64' },
    { flags: '--init <run>', description: 'Start from the last checkpoint of another run.' },
    { flags: '--name <name>', description: 'Name of the run. Default: made from the configuration.' },
    { flags: '--max-seconds <n>', description: 'Stop after this long, resumably.', type: 'number' },
    { flags: '--replay', description: 'Take edits and verdicts from the cache alone; a miss is an error.' },
    { flags: '--allow-config-change', description: 'Continue a run although its configuration has changed.' },
  ],
  continues: true,
  examples: [
    ['dda train', 'start or continue'],
    ['dda train --steps 200', 'go on to step 200'],
    ['dda train --stage sft --steps 300', 'a supervised warm start from the demonstrations'],
    ['dda train --init imitate-1a2b3c4d', 'PPO from that warm start'],
    ['dda train --name again --replay', 'the same training once more, without an Editor or a judge'],
    ['dda train --set trainer.advantage=grpo', 'another run, with another estimator'],
  ],
  async run(context, _args, options) {
    const sft = text(options, 'stage') === 'sft'
    const task = sft ? 'imitate' : 'train'
    const { defaultRunName } = await import('@dda-thinker/runs')
    const init = text(options, 'init')
    const steps = number(options, 'steps')
    const batch = number(options, 'batch') ?? 64
    const extra = { ...(init === undefined ? {} : { init }), ...(sft ? { batch } : {}) }
    let name = text(options, 'name')
    const maxSeconds = number(options, 'maxSeconds')
    return withSession(
      context,
      {
        maxSeconds,
        replay: flag(options, 'replay'),
        runDir: (loaded) => runFolder(loaded, (name ??= defaultRunName(task, loaded.config, extra))),
      },
      async ({ loaded, assembly, workspace, interrupt, progress }) => {
        const { imitate, train, trainExternally } = await import('@dda-thinker/runs')
        const runDir = await runDirOf(workspace, (name ??= defaultRunName(task, loaded.config, extra)))
        const initFrom = init === undefined ? undefined : await checkpointOf(await runDirOf(workspace, init))
        const common = {
          workspace,
          runDir,
          printable: loaded.printable,
          stop: interrupt.stop,
          signal: interrupt.signal,
          allowConfigChange: flag(options, 'allowConfigChange'),
          ...(initFrom === undefined ? {} : { initFrom }),
        }
        if (!sft && !flag(options, 'replay')) {
          const { runsDir } = workspace.paths
          const all = steps ?? loaded.config.train.steps
          const done = await stepsDone(runDir)
          const ahead = await estimateOfTraining(loaded, { runsDir, steps: Math.max(0, all - done) })
          if (done < all) sayEstimate(context, progress, ahead)
          // A run that goes on has spent some of its budget already.
          if (done === 0) for (const line of beyondBudget(loaded, ahead)) context.warn(line)
        }
        const events = showProgress(context, progress)
        const { reach = {} } = assembly.has(EXTERNAL_TRAINER) ? assembly.resolve(EXTERNAL_TRAINER) : {}
        const steered = { ...common, ...(steps === undefined ? {} : { steps }) }
        const result = sft
          ? await imitate(assembly, { ...common, batch, steps: steps ?? loaded.config.train.steps }, events)
          : assembly.has(EXTERNAL_TRAINER)
            ? await trainExternally(assembly, { ...steered, offer: offerRewards(workspace, reach, context) }, events)
            : await train(assembly, steered, events)
        progress.finish()
        await recordTimings(assembly, runDir)
        return outcome(context, name, result, interrupt)
      },
    )
  },
}

function outcome(context: Context, name: string, result: TrainResult, interrupt: Interrupt): Outcome {
  const data = { run: name, ...result }
  const at = `step ${result.step} of ${result.steps}`
  if (result.state === 'finished') {
    const exported = result.exported.length === 0 ? '' : `\nExported: ${result.exported.join(', ')}`
    const began = result.resumedFrom > 0 ? ` (continued from step ${result.resumedFrom})` : ''
    return { exitCode: 0, data, text: `Finished ${name} at ${at}${began}: ${result.runDir}${exported}\nNext: dda eval` }
  }
  const { budget } = result
  const spent = budget !== undefined || interrupt.reason() === 'budget'
  const why = budget === undefined ? '' : `${budget.message} (${budget.code}). ${budget.next}\n`
  return {
    exitCode: exitCode(spent ? 'budget' : 'interrupted'),
    data,
    text: `${why}Stopped ${name} at ${at}: ${result.runDir}\nContinue with: ${sameCommand(context)}`,
  }
}

async function stepsDone(runDir: string): Promise<number> {
  const { readRun } = await import('@dda-thinker/runs')
  // A run that has not begun has no record; what is wrong with one, the run itself says.
  return readRun(runDir).then(
    ({ status }) => status.step,
    () => 0,
  )
}

async function checkpointOf(runDir: string): Promise<string> {
  const { readRun, latestCheckpoint } = await import('@dda-thinker/runs')
  const { name } = await readRun(runDir)
  const checkpoint = await latestCheckpoint(runDir)
  if (checkpoint === undefined) {
    throw errors.make('DDA_RUN_NO_CHECKPOINT', { name })
  }
  return checkpoint.folder
}
