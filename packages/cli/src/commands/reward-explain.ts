import { join } from 'node:path'
import { isDdaError, type Sample } from '@dda-thinker/plugin-api'
import type { RewardShare, RunInfo, StoredRollout } from '@dda-thinker/runs'
import { errors } from '../errors.ts'
import { withSession } from '../project/session.ts'
import { type CommandSpec, text } from '../terminal/command.ts'
import { formatTable, signed } from '../terminal/table.ts'

export const rewardExplain: CommandSpec = {
  name: 'reward explain',
  summary: 'Show the arithmetic of a stored rollout’s reward and, where it is known, of its advantage.',
  details:
    'Reads the record alone: answers, shares, the sum, and what the plan was compared with. The advantage is that of the whole plan\n' +
    'without KL. With `advantage: gae` it is against the other plans of the group, because a record holds no critic’s values.',
  arguments: [{ name: '<rollout>', description: 'Its id, as journal and report have it: <step>/<sample>/<member>.' }],
  options: [
    { flags: '--run <run>', description: 'The run. Default: the newest one that has such a rollout.' },
    { flags: '--thinker <name>', description: 'Which Thinker of an evaluation. Default: the first one.' },
  ],
  examples: [['dda reward explain 3/tabletop-12/0 --run train-1a2b3c4d', 'every share, the sum, and the advantage']],
  run: (context, [id = ''], options) =>
    withSession(context, { only: [] }, async ({ workspace: { paths } }) => {
      const { findStoredRollout, listRuns, readRun, rewardShares, samplesOf } = await import('@dda-thinker/runs')
      const named = text(options, 'run')
      const runs = named === undefined ? await listRuns(paths.runsDir) : [await readRun(join(paths.runsDir, named))]
      const thinker = text(options, 'thinker')
      let found: (StoredRollout & { readonly run: RunInfo }) | undefined
      for (const run of runs) {
        const stored = await findStoredRollout(run, id, thinker)
        if (stored !== undefined) found = { ...stored, run }
        if (found !== undefined) break
      }
      if (found === undefined) {
        throw errors.make('DDA_USAGE_ROLLOUT', { id, where: named === undefined ? paths.runsDir : `run ${named}` })
      }
      const { rollout, run } = found
      let sample: Sample | undefined
      try {
        ;[sample] = await samplesOf(run, [rollout], paths)
      } catch (error) {
        if (!isDdaError(error) || error.code !== 'DDA_DATA_MISSING') throw error
        context.warn(`${error.message} The questions are left out.`)
      }
      const shares = rewardShares(rollout, sample)
      const { outcome, reward, member, group } = rollout
      const { advantage, step } = found
      const data = {
        run: run.name,
        rollout: id,
        step,
        group,
        member,
        outcome,
        ...(rollout.asked !== undefined && { asked: rollout.asked }),
        ...(reward !== undefined && { total: reward.total, components: reward.components, shares }),
        ...(advantage !== undefined && { advantage }),
      }
      return { exitCode: 0, data, text: explanation(found, shares, sample) }
    }),
}

function explanation(
  found: StoredRollout & { readonly run: RunInfo },
  shares: readonly RewardShare[],
  sample?: Sample,
): string {
  const { rollout, run, step } = found
  const { id, outcome, reward, plan } = rollout
  const head = [
    `${id} of ${run.name}${step === 0 ? '' : `, step ${step}`}: ${reward === undefined && outcome.kind === 'scored' ? 'not scored' : outcome.kind}`,
    ...(sample === undefined ? [] : [`instruction: ${sample.instruction}`]),
    ...(plan === undefined ? [] : [`plan: ${plan.executable}`]),
    ...(rollout.asked === undefined
      ? []
      : [`asked for: ${rollout.asked.join(', ')} alone; the rest is no failure and no zero`]),
  ].join('\n')
  if (reward === undefined) {
    if (outcome.kind !== 'masked')
      return `${head}\n\nIt has no reward: a benchmark judges by rules of its own, and \`dda report ${run.name}\` has its figures.`
    const why = `${outcome.failure.code} at ${outcome.failure.stage}: ${outcome.failure.message}`
    return `${head}\n\nIt has no reward, and no part in the update. ${why}`
  }
  const rows = shares.map((share) => [
    share.item,
    share.stream,
    share.answer === undefined
      ? ''
      : `${share.answer}${share.answer === share.expected ? '' : ` (expected ${share.expected ?? '?'})`}`,
    number(share.share),
    share.creditedTo === undefined ? '' : `…${share.creditedTo.trim()}`,
    share.question ?? '',
  ])
  const columns = ['item', 'stream', 'answer', 'share', 'credited to', 'question'].map((title) => ({
    title,
    ...(title === 'share' && { align: 'right' as const }),
  }))
  const sum = `${shares.map(({ share }) => number(share)).join(' + ')} = ${number(reward.total)}`
  const components = Object.entries(reward.components).map(([name, value]) => `${name} ${number(value)}`)
  return [
    head,
    formatTable(columns, rows),
    `reward ${sum}\ncomponents (unweighted): ${components.join(', ')}`,
    advantageText(found),
  ].join('\n\n')
}

function advantageText({ advantage }: StoredRollout): string {
  if (advantage === undefined) return 'advantage: not known; this run made none of rewards, or by a trainer of its own.'
  const { setting, streams, combined } = advantage
  const rows = streams.map(({ name, weight, own, group, advantage: value }) => [
    name,
    own === undefined ? 'not asked' : number(own),
    group.map((score) => (score === undefined ? '–' : number(score))).join(' '),
    signed(value, 4),
    String(weight),
  ])
  const columns = ['stream', 'score', 'in the group', 'advantage', 'weight'].map((title) => ({ title }))
  const about = advantage.withoutCritic
    ? 'gae needs the values of the critic, which no record holds: against the mean of the group’s other plans'
    : setting.advantage
  return `advantage ${signed(combined, 4)} (${about}; streams ${setting.mode}; without KL)\n${formatTable(columns, rows)}`
}

function number(value: number): string {
  return String(Number(value.toFixed(4)))
}
