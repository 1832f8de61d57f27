import { writeFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import type { EditedOnce } from '@dda-thinker/runs'
import type { ProjectConfig } from '@dda-thinker/config'
import { assess, type ChecklistItem, DdaError, readWhole, type Verdict } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { type CommandSpec, text } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { withSession } from '../project/session.ts'
import { chooseThinkers, evalThinkers, latestTrainingRun } from '../project/thinkers.ts'

const EXTENSIONS = { 'image/png': '.png', 'image/jpeg': '.jpg', 'image/webp': '.webp' } as const

export const edit: CommandSpec = {
  name: 'edit',
  summary: 'Plan and edit one picture, for a look; judge it where there is a checklist.',
  details:
    'Plans greedily, with the seeds and the cache of an evaluation, writes the edited picture and prints the plan. Judged by\n' +
    '`--checklist`, or by the checklist of the project’s own sample with this picture and instruction, where the configuration\n' +
    'has judges. Nothing is recorded as a run. Exits with 3 where no picture came, with 5 where one came but judging failed.',
  arguments: [
    { name: '<image>', description: 'The source picture: PNG, JPEG or WebP.' },
    { name: '<instruction>', description: 'What to do with it.' },
  ],
  options: [
    {
      flags: '-t, --thinker <name>',
      description:
        'Who plans: none, base, trained, thinker or run:<id>. Default: thinker, else trained, else base, else none.',
    },
    {
      flags: '-e, --editor <name>',
      description: 'The Editor: a name of `eval.editors`, or a plugin. Default: `editor`.',
    },
    { flags: '-o, --out <file>', description: 'Where the picture goes. Default: <image>.edited.png, in this folder.' },
    { flags: '--checklist <file>', description: 'YAML or JSON list of items {id, scope, question, expected}.' },
    { flags: '--replay', description: 'Take edits and verdicts from the cache alone; a miss is an error.' },
  ],
  examples: [
    ['dda edit fruit.png "Show the fruit as it would look in a month"', 'plan, edit, look'],
    ['dda edit fruit.png "Make it rotten" --thinker none --editor sketch', 'no plan, another Editor'],
    ['dda edit fruit.png "Make it rotten" --checklist items.yaml --json', 'with verdicts'],
  ],
  async run(context, [file = '', instruction = ''], options) {
    const { readChecklist, editOnce } = await import('@dda-thinker/runs')
    const { fileError } = await import('@dda-thinker/store')
    const image = await readPicture(resolve(context.cwd, file))
    if (instruction.trim() === '') {
      throw errors.make('DDA_USAGE/no-instruction')
    }
    const checklistFile = text(options, 'checklist')
    const checklist = checklistFile === undefined ? undefined : await readChecklist(resolve(context.cwd, checklistFile))
    const how = { replay: options['replay'] === true, editor: text(options, 'editor') }
    return withSession(context, how, async (session) => {
      const { assembly, workspace, interrupt, progress, loaded } = session
      const { runsDir } = workspace.paths
      const name = text(options, 'thinker') ?? (await usualThinker(loaded.config, runsDir))
      const choices = await chooseThinkers([name], loaded.config, runsDir, (message) => context.warn(message))
      const [thinker] = await evalThinkers(choices, assembly)
      if (thinker === undefined) throw new TypeError(`no Thinker for ${name}`)
      progress.start('Editing', 'rollouts', 1)
      const { stop, signal } = interrupt
      const given = { workspace, thinker, image, instruction, checklist, stop, signal }
      const edited = await editOnce(assembly, given)
      progress.finish()
      const { rollout, sample } = edited
      const { plan, edit: made, outcome } = rollout
      if (made === undefined) throw notEdited(edited)
      const stem = basename(file, extname(file))
      const out = resolve(context.cwd, text(options, 'out') ?? `${stem}.edited${EXTENSIONS[made.image.mediaType]}`)
      const bytes = await workspace.images.get(made.image)
      await writeFile(out, bytes).catch((error: unknown) => {
        throw fileError(error, 'write', out)
      })
      const failed = outcome.kind === 'masked'
      if (failed) {
        const { message, code, next } = outcome.failure
        context.warn(`Not judged: ${message} (${code})${next === undefined ? '' : `. ${next}`}`)
      }
      return {
        exitCode: failed ? exitCode('partial') : 0,
        data: { thinker: name, known: edited.known, out, stored: workspace.images.path(made.image), ...rollout },
        text: [
          `Plan (${name}${plan?.format.ok === false ? `; format: ${plan.format.problem}` : ''}):`,
          plan?.text ?? '',
          ...verdictLines(sample.checklist, rollout.verdicts),
          ...(rollout.reward === undefined ? [] : [`Reward: ${rollout.reward.total.toFixed(3)}`]),
          '',
          `Edited by ${made.editor}, seed ${made.seed}`,
          ...(made.notes ?? []).map((note) => `  ${note}`),
          out,
        ].join('\n'),
      }
    })
  },
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path)
  } catch (error) {
    throw errors.make('DDA_USAGE_IMAGE', { why: (error as Error).message }, { cause: error })
  }
}

async function usualThinker(config: ProjectConfig, runsDir: string): Promise<string> {
  if (config.thinker !== undefined) return 'thinker'
  if (config.trainer === undefined) return 'none'
  return (await latestTrainingRun(runsDir)) === undefined ? 'base' : 'trained'
}

/** Why there is no picture, as the error that a rollout would be masked with. */
function notEdited({ rollout: { outcome, plan }, sample }: EditedOnce): DdaError {
  if (outcome.kind !== 'masked') {
    const reason = outcome.kind === 'gated' ? outcome.reason : 'no edit was made'
    return errors.make('DDA_EDIT_NONE', { reason, plan: plan?.text ?? '' }, { sampleId: sample.id })
  }
  const { code, message, kind, stage, plugin, next } = outcome.failure
  return new DdaError(code as `DDA_${string}`, message, {
    kind,
    stage,
    sampleId: sample.id,
    next: next ?? 'Run dda doctor to see what is out of reach.',
    ...(plugin === undefined ? {} : { plugin }),
  })
}

function verdictLines(checklist: readonly ChecklistItem[], verdicts: readonly Verdict[]): readonly string[] {
  if (verdicts.length === 0) return []
  const lines = assess(checklist, verdicts).flatMap(({ item, verdict, passed }) => {
    if (verdict === undefined) return []
    const mark = passed === true ? '✔' : '✖'
    return [
      `  ${mark} ${item.scope}: ${item.question} ${verdict.answer}${verdict.reason === undefined ? '' : ` (${verdict.reason})`}`,
    ]
  })
  return ['', 'Verdicts:', ...lines]
}
