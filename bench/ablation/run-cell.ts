import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Rollout, type Sample, assess, counts, isSolved } from '@dda-thinker/plugin-api'
import { readJournal, readSamples } from '@dda-thinker/runs'
import { dda, sets } from '../run-dda.ts'
import type { Cell, CellKey, Outcomes } from './cells.ts'
import { ARMS, PROJECT, WORLDS, settingsId } from './plan.ts'

export interface RunOptions {
  /** Folder for projects. */
  readonly out: string
  /** More `key=value` settings of every command: a smaller budget, say. */
  readonly settings: readonly string[]
  /** Outcomes of untrained policies that are known, by world and seed; added to. */
  readonly bases: Map<string, Outcomes>
}

/**
 * Trains and evaluates one cell. What was interrupted is continued; pictures and checkpoints of a finished cell are deleted, its
 * record is not.
 */
export async function runCell(key: CellKey, { out, settings, bases }: RunOptions): Promise<Cell> {
  const { world, arm, seed, steps } = key
  const [of, changes] = [WORLDS[world], ARMS[arm]]
  if (of === undefined || changes === undefined) throw new Error(`There is no cell "${world}" / "${arm}".`)
  const project = join(out, `${slug(world)}-${seed}`)
  mkdirSync(project, { recursive: true })
  copyFileSync(PROJECT, join(project, 'dda.config.yaml'))
  const common = [...of.settings, `seed=${seed}`, ...settings]
  if (!existsSync(join(project, 'data/data.json'))) await dda(project, ['synthesize', ...sets(common)])
  const samples = new Map<string, Sample>()
  for await (const sample of readSamples(join(project, 'data/samples.jsonl'))) samples.set(sample.id, sample)

  const name = `${slug(arm)}-${steps}`
  const training = [...common, ...(of.training ?? []), ...changes, `train.steps=${steps}`]
  await dda(project, ['train', '--name', name, ...sets(training)])
  const baseKey = `${world} / ${seed}`
  const base = bases.get(baseKey)
  const thinkers = [...(base === undefined ? ['-t', 'base'] : []), '-t', `run:${name}`]
  // Judged by the same reward and by judges that do not err, whatever it was trained on.
  await dda(project, ['eval', ...thinkers, '--name', `eval-${name}`, ...sets(common)])

  const trained = await countTraining(join(project, 'runs', name))
  const outcomes = await outcomesOf(join(project, 'runs', `eval-${name}`), samples)
  const found = base ?? outcomes.get('base')
  const own = [...outcomes].find(([thinker]) => thinker !== 'base')?.[1]
  if (found === undefined || own === undefined) throw new Error(`eval-${name} lacks a Thinker`)
  bases.set(baseKey, found)
  rmSync(join(project, 'runs', name, 'checkpoints'), { recursive: true, force: true })
  return { ...key, settings: settingsId(settings), ...trained, base: found, trained: own }
}

async function countTraining(run: string): Promise<Pick<Cell, 'rollouts' | 'editorCalls'>> {
  let [rollouts, editorCalls] = [0, 0]
  for await (const line of readJournal(run)) {
    if (line.type !== 'rollout') continue
    rollouts += 1
    if (line.rollout.edit !== undefined) editorCalls += 1
  }
  return { rollouts, editorCalls }
}

async function outcomesOf(run: string, samples: ReadonlyMap<string, Sample>): Promise<ReadonlyMap<string, Outcomes>> {
  const rollouts = new Map<string, Rollout[]>()
  for await (const line of readJournal(run)) {
    if (line.type !== 'rollout') continue
    const thinker = line.thinker ?? ''
    rollouts.set(thinker, [...(rollouts.get(thinker) ?? []), line.rollout])
  }
  return new Map([...rollouts].map(([thinker, list]) => [thinker, outcomesFrom(list, samples)]))
}

function outcomesFrom(rollouts: readonly Rollout[], samples: ReadonlyMap<string, Sample>): Outcomes {
  const counted = rollouts.filter(({ outcome }) => counts(outcome))
  const checklistOf = ({ sampleId }: Rollout): Sample['checklist'] => samples.get(sampleId)?.checklist ?? []
  const share = (rollout: Rollout): number => {
    const items = assess(checklistOf(rollout), rollout.verdicts)
    return items.filter(({ passed }) => passed === true).length / Math.max(1, items.length)
  }
  return {
    samples: counted.map(({ sampleId }) => sampleId),
    solved: counted.map((rollout) => (isSolved(rollout, checklistOf(rollout)) ? 1 : 0)),
    passed: counted.map((rollout) => Number(share(rollout).toFixed(4))),
    masked: rollouts.length - counted.length,
  }
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}
