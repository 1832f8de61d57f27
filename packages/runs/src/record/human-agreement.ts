import { AgreementTally, type HumanAgreement, Lookup } from '@dda-thinker/evaluation'
import {
  type ImageRef,
  isImageRef,
  type Rollout,
  type Sample,
  type Scope,
  Type,
  type Verdict,
} from '@dda-thinker/plugin-api'
import { collect, readLines } from '@dda-thinker/store'
import type { ProjectPaths } from '../data/workspace.ts'
import { currentAnnotations } from './annotations.ts'
import { listSamplesOf } from './arms.ts'
import { shapeOf } from '../shapes/shape.ts'
import { readJournal } from './journal.ts'
import type { RunInfo } from './run-dir.ts'

export interface HumanAgreementOptions {
  /** Where people's answers are. Default: the run itself; another one whose rollouts have the same ids, as that which it judged again. */
  readonly annotated?: Pick<RunInfo, 'dir'>
  /** Two-sided level of the intervals. Default 0.95. */
  readonly confidence?: number
}

/** How far the judges of a run agree with the people who looked at its rollouts; `undefined` where nobody did. */
export async function readHumanAgreement(
  run: Pick<RunInfo, 'dir' | 'name'>,
  paths: ProjectPaths,
  { annotated = run, confidence }: HumanAgreementOptions = {},
): Promise<HumanAgreement | undefined> {
  const answers = await currentAnnotations(annotated.dir)
  if (answers.length === 0) return undefined
  const tally = new AgreementTally(answers)
  const rollouts = await rolloutsOf(run, (id) => tally.wants(id))
  const samples = new Lookup(await listSamplesOf(run, rollouts, paths), ({ id }) => id)
  for (const rollout of rollouts) {
    const sample = samples.get(rollout.sampleId)
    if (sample !== undefined) tally.add(rollout, sample)
  }
  return tally.result(confidence)
}

/** A question with the answer of people, whole in itself: what a judge is asked, and what it should say. */
export interface CalibrationItem {
  /** Of the sample. */
  readonly sample: string
  readonly rollout: string
  readonly item: string
  readonly scope: Scope
  readonly question: string
  readonly expected: 'yes' | 'no'
  /** What most people say. */
  readonly answer: 'yes' | 'no'
  /** How many say so, and how many anything. */
  readonly agreeing: number
  readonly people: number
  readonly instruction: string
  /** Of a cognitive item: the executable plan. */
  readonly plan?: string
  /** Of a visual item, by content hash. */
  readonly source?: readonly ImageRef[]
  readonly edited?: ImageRef
}

/** The questions that most people answer alike, in the order of the record. */
export async function calibrationItems(
  run: Pick<RunInfo, 'dir' | 'name'>,
  paths: ProjectPaths,
): Promise<readonly CalibrationItem[]> {
  const answers = new Map<string, Verdict['answer'][]>()
  const wanted = new Set<string>()
  for (const { rollout, item, answer } of await currentAnnotations(run.dir)) {
    const key = JSON.stringify([rollout, item])
    answers.set(key, [...(answers.get(key) ?? []), answer])
    wanted.add(rollout)
  }
  if (wanted.size === 0) return []
  const rollouts = await rolloutsOf(run, (id) => wanted.has(id))
  const samples = new Lookup(await listSamplesOf(run, rollouts, paths), ({ id }) => id)
  return rollouts.flatMap((rollout) => {
    const sample = samples.get(rollout.sampleId)
    return sample === undefined ? [] : itemsOf(rollout, sample, (key) => answers.get(key) ?? [])
  })
}

function itemsOf(
  rollout: Rollout,
  { id, checklist, instruction, images }: Sample,
  answersTo: (key: string) => readonly Verdict['answer'][],
): CalibrationItem[] {
  return checklist.flatMap(({ id: item, scope, question, expected }): CalibrationItem[] => {
    const given = answersTo(JSON.stringify([rollout.id, item]))
    const [yes, no] = (['yes', 'no'] as const).map((answer) => given.filter((one) => one === answer).length) as [
      number,
      number,
    ]
    const seen =
      scope === 'cognitive'
        ? rollout.plan && { plan: rollout.plan.executable }
        : rollout.edit && { source: images, edited: rollout.edit.image }
    if (yes === no || seen === undefined) return []
    const answer = yes > no ? 'yes' : 'no'
    const people = { answer, agreeing: Math.max(yes, no), people: given.length } as const
    return [{ sample: id, rollout: rollout.id, item, scope, question, expected, ...people, instruction, ...seen }]
  })
}

const TEXT = Type.String()
const PICTURE = Type.Unsafe<ImageRef>(
  Type.Object({ hash: TEXT, mediaType: TEXT, width: Type.Number(), height: Type.Number() }),
)
const CALIBRATION_ITEM = Type.Object({
  rollout: TEXT,
  item: TEXT,
  scope: Type.Union([Type.Literal('cognitive'), Type.Literal('visual')]),
  question: TEXT,
  expected: Type.Union([Type.Literal('yes'), Type.Literal('no')]),
  answer: Type.Union([Type.Literal('yes'), Type.Literal('no')]),
  instruction: TEXT,
  plan: Type.Optional(TEXT),
  source: Type.Optional(Type.Array(PICTURE)),
  edited: Type.Optional(PICTURE),
})
const shapeProblem = shapeOf(CALIBRATION_ITEM)

/** A set as {@link calibrationItems} makes it, from a file of JSON lines. @throws DdaError `DDA_DATA_CORRUPT` with file:line */
export async function readCalibration(file: string): Promise<readonly CalibrationItem[]> {
  const check = (value: unknown) => {
    const problem = shapeProblem(value)
    if (problem !== undefined) return problem
    const { scope, source = [], edited } = value as CalibrationItem
    const refs = [...source, ...(edited === undefined ? [] : [edited])]
    if (scope === 'visual' && edited === undefined) return 'a visual item has no edited picture'
    return refs.every(isImageRef) ? undefined : 'a picture is no reference to one'
  }
  return collect(readLines<CalibrationItem>(file, { whole: true, check }))
}

async function rolloutsOf({ dir }: Pick<RunInfo, 'dir'>, wanted: (id: string) => boolean): Promise<Rollout[]> {
  const found: Rollout[] = []
  for await (const line of readJournal(dir))
    if (line.type === 'rollout' && wanted(line.rollout.id)) found.push(line.rollout)
  return found
}
