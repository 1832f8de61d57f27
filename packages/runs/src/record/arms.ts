import { DigestSet, isDdaError, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import { stat } from 'node:fs/promises'
import type { Listed } from '@dda-thinker/evaluation'
import { StoredLines } from '@dda-thinker/store'
import { findData } from '../data/project-samples.ts'
import { readSamplesWithEnds } from '../data/samples-file.ts'
import { errors } from '../errors.ts'
import { type Checklists, openChecklists } from './checklists.ts'
import { readJournalWithEnds, type RolloutLine } from './journal.ts'
import { runFile } from './layout.ts'
import type { RunInfo } from './run-dir.ts'
import type { ProjectPaths } from '../data/workspace.ts'

/** What is recorded of one Thinker. */
export interface RecordedArm {
  /** Of the Thinker; absent in records without. */
  readonly fingerprint?: string
  /** In the order of the record; read from the journal as they are asked for. */
  readonly rollouts: Listed<Rollout>
  /** Which samples these are of. */
  readonly sampleIds: Pick<DigestSet, 'size' | 'has'>
}

/**
 * Rollouts of an evaluation by Thinker. The journal is read and checked once; memory then holds 12 bytes of each, and about 10 of the id of
 * each sample.
 */
export async function listArms(run: Pick<RunInfo, 'dir'>): Promise<ReadonlyMap<string, RecordedArm>> {
  const file = runFile(run.dir, 'journal')
  const arms = new Map<
    string,
    RecordedArm & { readonly rollouts: StoredLines<Rollout>; readonly sampleIds: DigestSet }
  >()
  const begin = (name: string, fingerprint?: string) => {
    const rollouts = new StoredLines<Rollout>(file, (line) => (line as RolloutLine).rollout)
    const arm = { rollouts, sampleIds: new DigestSet(), ...(fingerprint === undefined ? {} : { fingerprint }) }
    arms.set(name, arm)
    return arm
  }
  let start = 0
  for await (const { value, end } of readJournalWithEnds(run.dir)) {
    if (value.type === 'thinker') begin(value.thinker, value.fingerprint)
    else if (value.type === 'rollout') {
      const name = value.thinker ?? 'thinker'
      const { rollouts, sampleIds } = arms.get(name) ?? begin(name)
      rollouts.add(start, end)
      sampleIds.add(value.rollout.sampleId)
    }
    start = end
  }
  for (const [name, { rollouts }] of arms) if (rollouts.length === 0) arms.delete(name)
  return arms
}

/** The rollouts of arms, one arm behind the other; they can be gone through more than once. */
export function rolloutsOf(arms: Pick<ReadonlyMap<string, RecordedArm>, 'values'>): Iterable<Rollout> {
  return {
    *[Symbol.iterator]() {
      for (const { rollouts } of arms.values()) yield* rollouts
    },
  }
}

/**
 * The samples of some rollouts in the order of the project's data, each with the checklist that the run was judged by. They are read from the
 * data as they are asked for; the rollouts are not read.
 *
 * @param arms of the run, all or some
 * @param checklists in place of those; samples that they do not name are left out
 * @throws DdaError `DDA_DATA_MISSING` where the data no longer hold one of them
 */
export async function listSamplesOf(
  run: Pick<RunInfo, 'dir' | 'name'>,
  arms: readonly (Pick<RecordedArm, 'sampleIds'> & { readonly rollouts: Iterable<Rollout> })[],
  paths: ProjectPaths,
  checklists?: Checklists,
): Promise<Listed<Sample>> {
  const own = checklists ?? (await openChecklists(runFile(run.dir, 'checklists')))
  const ids = new DigestSet()
  /** Of each arm, all together. */
  let missing = arms.reduce((sum, { sampleIds }) => sum + sampleIds.size, 0)
  /** Is it a sample of some rollout, and met for the first time? */
  const isNew = (id: string): boolean => {
    const asking = arms.filter(({ sampleIds }) => sampleIds.has(id)).length
    if (asking === 0 || !ids.add(id)) return false
    missing -= asking
    return true
  }
  const lists: StoredLines<Sample>[] = []
  // Those that came with requests are in a file of the run.
  for (const file of [await dataOf(paths, runFile(run.dir, 'samples')), runFile(run.dir, 'samples')]) {
    const found = new StoredLines<Sample>(file, (line) => withChecklist(line as Sample, own))
    let start = 0
    for await (const { value, end } of readSamplesWithEnds(file)) {
      if (isNew(value.id) && checklists?.has(value.id) !== false) found.add(start, end)
      start = end
    }
    if (found.length > 0) lists.push(found)
  }
  if (missing > 0) {
    const gone = new Set<string>()
    for (const { rollouts } of arms) for (const { sampleId } of rollouts) if (!ids.has(sampleId)) gone.add(sampleId)
    throw errors.make('DDA_DATA_MISSING/gone', { count: gone.size, run: run.name, first: String([...gone][0]) })
  }
  return joined(lists)
}

/** Whoever sends samples along needs no data. */
async function dataOf(paths: ProjectPaths, own: string): Promise<string> {
  try {
    return (await findData(paths)).file
  } catch (error) {
    if (isDdaError(error) && error.code === 'DDA_DATA_MISSING' && (await stat(own).catch(() => undefined)))
      return paths.samples
    throw error
  }
}

/** Lists one behind the other. */
function joined<T>(lists: readonly Listed<T>[]): Listed<T> {
  const [only] = lists
  if (lists.length === 1 && only !== undefined) return only
  return {
    length: lists.reduce((sum, { length }) => sum + length, 0),
    at: (place) => {
      let first = 0
      for (const list of lists) {
        if (place < first + list.length) return list.at(place - first)
        first += list.length
      }
      return undefined
    },
    *[Symbol.iterator]() {
      for (const list of lists) yield* list
    },
  }
}

/** The samples of a few rollouts, all in memory. @throws as {@link listSamplesOf} */
export async function samplesOf(
  run: Pick<RunInfo, 'dir' | 'name'>,
  rollouts: readonly Rollout[],
  paths: ProjectPaths,
): Promise<Sample[]> {
  const sampleIds = new Set(rollouts.map(({ sampleId }) => sampleId))
  return [...(await listSamplesOf(run, [{ rollouts, sampleIds }], paths))]
}

function withChecklist(sample: Sample, checklists: Checklists): Sample {
  const checklist = checklists.get(sample.id)
  return checklist === undefined ? sample : { ...sample, checklist }
}
