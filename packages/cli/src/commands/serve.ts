import type { ScoringResult } from '@dda-thinker/runs'
import { type CommandSpec, flag, number, text } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { showProgress } from '../terminal/events.ts'
import type { Outcome } from '../terminal/output.ts'
import { recordTimings, runDirOf, withSession } from '../project/session.ts'
import type { Interrupt } from '../terminal/interrupt.ts'
import { listening, listeningOptions } from '../terminal/listening.ts'
import { runFolder } from '../project/run-folder.ts'

const PORT = 8717
const TOKEN = 'DDA_SERVE_TOKEN'

export const serve: CommandSpec = {
  name: 'serve',
  summary: 'Score plans of policies that are trained elsewhere, over HTTP, until Ctrl-C.',
  details:
    'Edits, judges and rewards what an engine such as verl, TRL, OpenRLHF or slime sends, and keeps every request in a run. The same\n' +
    'plan for the same sample is bought once. On any address but loopback callers need the token of the environment variable\n' +
    `${TOKEN}.`,
  options: [
    ...listeningOptions(PORT, 'callers'),
    {
      flags: '--deadline <seconds>',
      type: 'number',
      least: 0.1,
      description: 'Answer every request before. Default: 100.',
    },
    { flags: '--name <name>', description: 'Name of the run. Default: made from the configuration.' },
    { flags: '--max-seconds <n>', type: 'number', description: 'End after this long.' },
    { flags: '--allow-config-change', description: 'Continue a run although its configuration has changed.' },
  ],
  continues: true,
  examples: [
    ['dda serve', 'for an engine on the same machine'],
    ['dda serve --host 0.0.0.0 --allow-host rewards.lab', 'for a cluster, with a token'],
  ],
  async run(context, _args, options) {
    const { defaultRunName } = await import('@dda-thinker/runs')
    const deadlineSeconds = number(options, 'deadline')
    const address = listening(context, options, PORT, TOKEN)
    const { requireAddress } = await import('@dda-thinker/serve')
    await requireAddress(address)
    let name = text(options, 'name')
    return withSession(
      context,
      {
        maxSeconds: number(options, 'maxSeconds'),
        // Replicas of the service may be at work on the same data.
        shared: true,
        runDir: (loaded) => runFolder(loaded, (name ??= defaultRunName('serve', loaded.config))),
      },
      async ({ loaded, assembly, workspace, interrupt, progress }) => {
        const { withScoring } = await import('@dda-thinker/runs')
        const { createRewardService } = await import('@dda-thinker/serve')
        const runDir = await runDirOf(workspace, (name ??= defaultRunName('serve', loaded.config)))
        const { stop, signal } = interrupt
        const { printable } = loaded
        // Fires when nobody waits for an answer any more: edits under way end, what waits for its turn is not begun.
        const soft = new AbortController()
        const allowConfigChange = flag(options, 'allowConfigChange')
        const result = await withScoring(
          assembly,
          // Not the first Ctrl-C itself: requests under way then may still buy what they need.
          { workspace, runDir, printable, stop: soft.signal, signal, allowConfigChange },
          showProgress(context, progress),
          async (scoring) => {
            const { http, scorer, until } = await createRewardService({
              scoring,
              images: workspace.images,
              deadlineSeconds,
              ...address,
            })
            const { url } = await http.listen()
            http.ready()
            progress.line(`${url} is up, its interface at ${url}/openapi.json; Ctrl-C ends it.`)
            const lost = await until(AbortSignal.any([stop, scoring.ended]), signal)
            soft.abort()
            if (lost > 0) context.warn(`${lost} requests were cut off.`)
            await scorer.settled()
            const { interrupted } = scorer
            if (interrupted > 0)
              context.warn(
                `${interrupted} plans that were asked for are not scored. Send them again: what was bought for them is kept.`,
              )
          },
        )
        progress.finish()
        await recordTimings(assembly, runDir)
        return outcome(name, result, interrupt)
      },
    )
  },
}

function outcome(name: string, result: ScoringResult, interrupt: Interrupt): Outcome {
  const { budget, scores, rollouts, runDir } = result
  const said = `Served ${name}: ${rollouts} plans on the record, ${scores.counted} scored in this session, ${scores.masked} masked: ${runDir}`
  const data = { run: name, ...result }
  if (result.state === 'finished' && interrupt.reason() !== 'budget') return { exitCode: 0, data, text: said }
  const why = budget === undefined ? '' : `${budget.message} (${budget.code}). ${budget.next}\n`
  const spent = budget !== undefined || interrupt.reason() === 'budget'
  return { exitCode: exitCode(spent ? 'budget' : 'interrupted'), data, text: `${why}${said}` }
}
