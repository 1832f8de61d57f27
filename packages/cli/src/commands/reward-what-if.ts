import { join } from 'node:path'
import type { AdvantageSetting, WhatIf } from '@dda-thinker/runs'
import { errors } from '../errors.ts'
import { withSession } from '../project/session.ts'
import { type CommandSpec, flag, text } from '../terminal/command.ts'
import { formatTable, percent, signed } from '../terminal/table.ts'

const SHOWN = 20

export const rewardWhatIf: CommandSpec = {
  name: 'reward what-if',
  summary: 'Recompute a stored training under another reward or other streams, and show which advantages flip.',
  details:
    'Nobody is called: rewards are made of the recorded plans and verdicts by the reward of the configuration as it is now, with\n' +
    '--reward and --set; advantages as `trainer.advantage` and `trainer.streams` say, then (as the run has it) and now. They are\n' +
    'those of whole plans without KL; with `gae` each plan is compared with the others of its group, because a record holds no\n' +
    'critic’s values. A rollout that has no reward now is counted by its error code and leaves its group.',
  arguments: [{ name: '<run>', description: 'A training (dda runs list).' }],
  options: [
    { flags: '-r, --reward <use>', description: 'A reward, in place of that of the configuration.' },
    { flags: '--all-flips', description: `List every rollout whose advantage flipped, not the first ${SHOWN}.` },
  ],
  examples: [
    [
      'dda reward what-if train-1a2b3c4d --set reward.combine=min',
      'the same verdicts under the minimum of both halves',
    ],
    [
      'dda reward what-if train-1a2b3c4d --set trainer.advantage=grpo --set trainer.streams.mode=normalized',
      'the same rewards, each stream normalised on its own',
    ],
  ],
  run: (context, [name = ''], options) => {
    const use = text(options, 'reward')
    const set = use === undefined ? [] : [`reward=${JSON.stringify({ use })}`]
    return withSession(context, { only: ['reward'], set }, async ({ assembly, loaded, workspace: { paths } }) => {
      const { REWARD } = await import('@dda-thinker/plugin-api')
      const { advantageSetting, readRun, recordedSamples, rewardWhatIf: recompute } = await import('@dda-thinker/runs')
      const run = await readRun(join(paths.runsDir, name))
      const recorded = advantageSetting(run.manifest.config)
      const after = advantageSetting(loaded.config, recorded)
      if (run.manifest.task !== 'train' || after === undefined) {
        throw errors.make('DDA_USAGE_RECORD/no-training', { name, task: run.manifest.task })
      }
      // A trainer of another vocabulary: both sides by the estimator that was asked for.
      const before = recorded ?? { ...after, mode: 'sum' }
      const samples = await recordedSamples(run, paths)
      const reward = assembly.resolve(REWARD)
      const found = await recompute({ run, samples, reward, before, after })
      const was = String(run.manifest.fingerprints[REWARD.id] ?? 'unknown')
      const rewards = { before: was, after: reward.fingerprint }
      const settings = { before, after }
      const data = { run: name, rewards, settings, ...found }
      return { exitCode: 0, data, text: whatIfText(name, found, rewards, settings, flag(options, 'allFlips')) }
    })
  },
}

function whatIfText(
  name: string,
  found: WhatIf,
  rewards: Readonly<Record<'before' | 'after', string>>,
  settings: Readonly<Record<'before' | 'after', AdvantageSetting>>,
  all: boolean,
): string {
  const { compared, groups, flipped, woken, silenced, flips, unmeasured, withoutCritic } = found
  const share = (count: number): string => `${count} (${percent(count / compared, 1)})`
  const side = (which: 'before' | 'after'): readonly string[] => [
    which === 'before' ? 'as it was' : 'what if',
    settings[which].advantage,
    settings[which].mode,
    String(Number(found[which].meanReward.toFixed(4))),
    groups === 0 ? '–' : `${found[which].silentGroups} of ${groups}`,
    rewards[which],
  ]
  const columns = ['', 'advantage', 'streams', 'mean reward', 'groups without one', 'reward'].map((title) => ({
    title,
  }))
  const lost = Object.entries(unmeasured).map(([code, count]) => `${count} without a reward now: ${code}`)
  const notes = [
    `${compared} rollouts of ${found.steps} steps of ${name} have a reward both ways; ${found.masked} were masked.`,
    ...lost,
    ...(withoutCritic.some(Boolean)
      ? ['gae: compared with the other plans of the group, for want of the critic’s values.']
      : []),
  ]
  const counts = [
    `advantages that flip sign: ${share(flipped)}`,
    `from 0 to something: ${share(woken)}`,
    `from something to 0: ${share(silenced)}`,
  ].join('\n')
  const shown = all ? flips : flips.slice(0, SHOWN)
  const rows = shown.map(({ id, reward: [was, is], advantage }) => [
    id,
    `${Number(was.toFixed(4))} → ${Number(is.toFixed(4))}`,
    `${signed(advantage[0])} → ${signed(advantage[1])}`,
  ])
  const table = formatTable(
    ['flipped', 'reward', 'advantage'].map((title) => ({ title })),
    rows,
  )
  const more = flips.length > shown.length ? [`… and ${flips.length - shown.length} more (--all-flips)`] : []
  const sections = [formatTable(columns, [side('before'), side('after')]), notes.join('\n'), counts]
  return [...sections, ...(rows.length === 0 ? [] : [[table, ...more].join('\n')])].join('\n\n')
}
