import { relative, sep } from 'node:path'
import { isDdaError } from '@dda-thinker/plugin-api'
import { stringify } from 'yaml'
import {
  findData,
  listArms,
  listSamplesOf,
  type MetricsLine,
  readCauses,
  readMetrics,
  readSamples,
  readScores,
  readTimings,
  type RunInfo,
  type Workspace,
  readRunSpending,
} from '@dda-thinker/runs'
import { Thumbnails } from '@dda-thinker/store'
import type { LinkPicture, ReadPicture } from './page.ts'
import type { ReportArm, ReportEvaluation, ReportInput, ReportSpending, ReportStep } from './report-input.ts'

const LABELS: ReadonlyMap<string, string> = new Map([
  ['none', 'No plan'],
  ['base', 'Base policy'],
  ['trained', 'Trained'],
])

export interface CollectOptions {
  readonly workspace: Workspace
  /** The evaluation that the report is about. */
  readonly evaluation: RunInfo
  /** Further evaluations to show beside it: under other Editors, of other seeds. */
  readonly others?: readonly RunInfo[]
  /** The training run behind it, for curves and times. */
  readonly training?: RunInfo | undefined
  /** Since when set-up and total count. Absent: they are not given. */
  readonly since?: Date | undefined
  /** Default: now. */
  readonly now?: Date
}

/** Reads what a report shows from the run directories. */
export async function collectReport(options: CollectOptions): Promise<ReportInput> {
  const { workspace, evaluation, others = [], training, since, now = new Date() } = options
  const { manifest } = evaluation
  const recorded = await listArms(evaluation)
  const samples = await listSamplesOf(evaluation, [...recorded.values()], workspace.paths)
  const steps = training === undefined ? [] : (await readMetrics(training.dir)).map(toStep)
  const timings = training === undefined ? [] : await readTimings(training.dir)
  const train = timings.reduce((sum, { seconds }) => sum + seconds, 0)
  const began = training === undefined ? manifest.created : training.manifest.created
  const setup = since === undefined ? undefined : (Date.parse(began) - since.getTime()) / 1000
  return {
    project: manifest.config.name,
    run: (training ?? evaluation).name,
    createdAt: manifest.created,
    seed: manifest.seed,
    split: samples.at(0)?.split ?? manifest.config.eval.split,
    confidence: manifest.config.eval.confidence,
    samples,
    arms: armsOf(evaluation, recorded),
    evaluations: (await Promise.all([evaluation, ...others].map(scoresOf))).flat(),
    steps,
    seconds: {
      // A run that was begun before is continued: its set-up is not this one's.
      ...(setup === undefined || setup < 0 ? {} : { setup }),
      ...(training === undefined ? {} : { train }),
      ...(since === undefined ? {} : { total: (now.getTime() - since.getTime()) / 1000 }),
    },
    causes: {
      ...(training === undefined ? {} : labelled(await readCauses(training), 'Training')),
      ...labelled(await readCauses(evaluation)),
    },
    spending: [
      ...(training === undefined ? [] : [await spendingOf('Training', training)]),
      await spendingOf(manifest.task === 'serve' ? 'Service' : 'Evaluation', evaluation),
    ],
    facts: [...facts(evaluation, training, samples.length, timings), ...(await difficulty(workspace))],
    config: stringify(manifest.config),
    notes: [
      manifest.task === 'serve'
        ? 'Plans are those that callers of the service sent; a sample may have any number of them.'
        : 'Evaluations are greedy: one plan a sample, at temperature 0; training samples plans at random.',
    ],
  }
}

/** Thumbnails of the project's pictures; one that is gone or damaged is absent. */
export function pictureReader(workspace: Workspace): ReadPicture {
  const thumbnails = new Thumbnails(workspace.images)
  return async (image) => {
    try {
      return await thumbnails.get(image)
    } catch (error) {
      if (isDdaError(error)) return undefined
      throw error
    }
  }
}

/** Links from a page to the originals in the project's store. @param folder the page's */
export function originalLinks(workspace: Workspace, folder: string): LinkPicture {
  return (image) => relative(folder, workspace.images.path(image)).split(sep).map(encodeURIComponent).join('/')
}

function armsOf({ manifest }: RunInfo, recorded: Awaited<ReturnType<typeof listArms>>): readonly ReportArm[] {
  const editor = String(manifest.fingerprints['editor'] ?? 'unknown')
  return [...recorded].map(([id, { fingerprint = 'unknown', rollouts }]) => {
    return { id, label: LABELS.get(id) ?? id, thinker: fingerprint, editor, rollouts }
  })
}

/** By Thinker, as the record has them. */
async function scoresOf({ name, dir, manifest }: RunInfo): Promise<readonly ReportEvaluation[]> {
  const editor = String(manifest.fingerprints['editor'] ?? 'unknown')
  return Object.entries((await readScores(dir)) ?? {}).map(([thinker, { counted, solved, low, high }]) => ({
    run: name,
    seed: manifest.seed,
    thinker: LABELS.get(thinker) ?? thinker,
    editor,
    counted,
    ...(solved === undefined ? {} : { solved }),
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
  }))
}

function labelled(causes: ReportInput['causes'], label?: string): ReportInput['causes'] {
  return Object.fromEntries(Object.entries(causes).map(([name, list]) => [label ?? LABELS.get(name) ?? name, list]))
}

async function spendingOf(task: string, { name, dir }: RunInfo): Promise<ReportSpending> {
  return { run: name, task, ...(await readRunSpending(dir)) }
}

function toStep({ step, metrics }: MetricsLine): ReportStep {
  const below = (prefix: string, except: readonly string[] = []) =>
    Object.fromEntries(
      Object.entries(metrics).flatMap(([name, value]) => {
        const rest = name.slice(prefix.length)
        return name.startsWith(prefix) && !except.includes(rest) ? [[rest, value]] : []
      }),
    )
  const { 'reward/mean': reward, solved } = metrics
  return {
    step,
    scored: metrics['rollout/scored'] ?? 0,
    masked: metrics['rollout/masked'] ?? 0,
    gated: metrics['rollout/gated'] ?? 0,
    ...(reward === undefined ? {} : { reward }),
    ...(solved === undefined ? {} : { solved }),
    components: below('reward/', ['mean', 'std']),
    solvedByCategory: below('solved/'),
    metrics,
  }
}

/** What curation measured on the training samples, where it did. */
async function difficulty({ paths }: Workspace): Promise<ReportInput['facts']> {
  let [measured, solved, never] = [0, 0, 0]
  for await (const { split, difficulty } of readSamples((await findData(paths)).file)) {
    if (split !== 'train' || difficulty === undefined) continue
    measured += 1
    solved += difficulty.solved
    if (difficulty.solved === 0) never += 1
  }
  if (measured === 0) return []
  const value = `${((solved / measured) * 100).toFixed(0)} % of rollouts solved on average; ${never} of ${measured} samples never`
  return [{ label: 'Training samples before training', value }]
}

function facts(
  { manifest }: RunInfo,
  training: RunInfo | undefined,
  evaluated: number,
  timings: Awaited<ReturnType<typeof readTimings>>,
): ReportInput['facts'] {
  const total = (read: (line: (typeof timings)[number]) => number): string =>
    timings.reduce((sum, line) => sum + read(line), 0).toLocaleString('en')
  const { reward, judge } = manifest.fingerprints
  const trained =
    training === undefined
      ? []
      : [
          { label: 'Trained on', value: `${training.manifest.data.samples} samples, ${training.status.step} updates` },
          { label: 'Rollouts in training', value: total(({ rollouts }) => rollouts) },
          {
            label: 'Edits in training',
            value: `${total(({ edits }) => edits.bought)} made, ${total(({ edits }) => edits.reused)} reused`,
          },
          { label: 'Trainer', value: String(training.manifest.fingerprints['trainer'] ?? 'unknown') },
        ]
  return [
    { label: 'Evaluated on', value: `${evaluated} samples` },
    ...trained,
    ...(reward === undefined ? [] : [{ label: 'Reward', value: String(reward) }]),
    ...(judge === undefined ? [] : [{ label: 'Judges', value: [judge].flat().join(', ') }]),
    {
      label: 'Plugins',
      value: manifest.plugins
        .map(({ name, version }) => (version === undefined ? name : `${name} ${version}`))
        .join(', '),
    },
    { label: 'Node.js', value: manifest.node },
  ]
}
