import { AgreementTally, type CalibrationItem, type HumanAgreement, Lookup } from '@dda-thinker/evaluation'
import type { Rollout, Sample, Verdict } from '@dda-thinker/plugin-api'
import type { ProjectPaths } from '../data/workspace.ts'
import { currentAnnotations } from './annotations.ts'
import { samplesOf } from './arms.ts'
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
  const samples = new Lookup(await samplesOf(run, rollouts, paths), ({ id }) => id)
  for (const rollout of rollouts) {
    const sample = samples.get(rollout.sampleId)
    if (sample !== undefined) tally.add(rollout, sample)
  }
  return tally.result(confidence)
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
  const samples = new Lookup(await samplesOf(run, rollouts, paths), ({ id }) => id)
  return rollouts.flatMap((rollout) => {
    const sample = samples.get(rollout.sampleId)
    return sample === undefined ? [] : itemsOf(rollout, sample, (key) => answers.get(key) ?? [])
  })
}

function itemsOf(
  rollout: Rollout,
  { id, checklist, instruction, images, reference: text, referenceImage: image }: Sample,
  answersTo: (key: string) => readonly Verdict['answer'][],
): CalibrationItem[] {
  const reference =
    text === '' && image === undefined ? {} : { reference: { text, ...(image === undefined ? {} : { image }) } }
  return checklist.flatMap(({ id: item, scope, question, expected, check }): CalibrationItem[] => {
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
    const asked = { sample: id, rollout: rollout.id, item, scope, question, expected, ...(check && { check }) }
    return [{ ...asked, ...people, instruction, ...reference, ...seen }]
  })
}

async function rolloutsOf({ dir }: Pick<RunInfo, 'dir'>, wanted: (id: string) => boolean): Promise<Rollout[]> {
  const found: Rollout[] = []
  for await (const line of readJournal(dir))
    if (line.type === 'rollout' && wanted(line.rollout.id)) found.push(line.rollout)
  return found
}
