import type { Assembly } from '@dda-thinker/core'
import type { EvalThinker, RunInfo } from '@dda-thinker/runs'
import type { ProjectConfig } from '@dda-thinker/config'
import { type Plan, type Thinker, THINKER } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** A Thinker of an evaluation, before anything is opened. */
export interface ThinkerChoice {
  /** Name of the arm in tables and records. */
  readonly name: string
  readonly kind: 'none' | 'base' | 'slot' | 'run'
  /** Of kind `run`: its checkpoint. */
  readonly run?: string
  readonly step?: number
  readonly trainerFolder?: string
}

/** The Thinker that does not think: the Editor is told the raw instruction. The baseline of every evaluation. */
export const noPlan: Thinker = {
  fingerprint: 'no-plan',
  async *plan(requests) {
    for (const { id, input, seed } of requests) {
      const { instruction } = input
      const plan: Plan = {
        id,
        sampleId: input.id,
        text: instruction,
        reasoning: '',
        executable: instruction,
        format: { ok: true },
        thinker: 'no-plan',
        policyVersion: 0,
        seed,
      }
      yield { id, plan }
    }
  },
}

/**
 * Reads `none`, `base`, `trained`, `thinker` and `run:<id>`. Nothing given: none, base and trained where the config has a
 * trainer, else none and thinker.
 *
 * @param warn told of a newer training run that `trained` does not mean, since it has no checkpoint
 */
export async function chooseThinkers(
  given: readonly string[],
  config: ProjectConfig,
  runsDir: string,
  warn: (message: string) => void = () => undefined,
): Promise<readonly ThinkerChoice[]> {
  const usual = config.trainer !== undefined ? ['none', 'base', 'trained'] : ['none', 'thinker']
  const names = [...new Set(given.length === 0 ? usual : given)]
  const choices: ThinkerChoice[] = []
  for (const name of names) choices.push(await choose(name, config, runsDir, warn))
  // The trainer holds one policy: its first state comes before any that is loaded over it.
  return choices.toSorted((a, b) => Number(a.kind === 'run') - Number(b.kind === 'run'))
}

/** The same, ready for `evaluate`. */
export async function evalThinkers(
  choices: readonly ThinkerChoice[],
  assembly: Assembly,
): Promise<readonly EvalThinker[]> {
  const { policyOf, POLICY_SLOTS } = await import('@dda-thinker/runs')
  return choices.map(({ name, kind, run, step, trainerFolder }): EvalThinker => {
    if (kind === 'none') return { name, thinker: noPlan, needs: [] }
    if (kind === 'slot') return { name, thinker: assembly.resolve(THINKER), needs: [THINKER] }
    const trainer = policyOf(assembly)
    // Asked for only then: loading a checkpoint may change the policy's fingerprint.
    const thinker = () => trainer.thinker
    return trainerFolder === undefined
      ? { name, thinker, needs: POLICY_SLOTS }
      : {
          name,
          thinker,
          needs: POLICY_SLOTS,
          ...(run === undefined || step === undefined ? {} : { from: { run, step } }),
          prepare: () => trainer.load(trainerFolder),
        }
  })
}

/**
 * The training run that `trained` means: the newest one of reinforcement learning, or else of imitation.
 *
 * @param before runs begun later than this one do not count
 */
export async function latestTrainingRun(runsDir: string, before?: RunInfo): Promise<RunInfo | undefined> {
  return (await trainingRuns(runsDir, before))[0]
}

/** Training runs, in the order in which `trained` may mean them. */
async function trainingRuns(runsDir: string, before?: RunInfo): Promise<readonly RunInfo[]> {
  const { begunBefore, listRuns } = await import('@dda-thinker/runs')
  const all = await listRuns(runsDir)
  const runs = all.filter(({ manifest }) => before === undefined || begunBefore(manifest, before.manifest))
  return (['train', 'imitate'] as const).flatMap((task) => runs.filter(({ manifest }) => manifest.task === task))
}

/** The first of some runs that has a checkpoint. One that has none, just begun say, cannot be evaluated. */
async function withCheckpoint(runs: readonly RunInfo[], warn: (message: string) => void) {
  const { latestCheckpoint } = await import('@dda-thinker/runs')
  for (const run of runs) {
    const checkpoint = await latestCheckpoint(run.dir)
    if (checkpoint === undefined) continue
    if (run !== runs[0]) {
      const step = `step ${checkpoint.step} of ${run.name}`
      warn(`\`trained\` is ${step}: ${runs[0]?.name} is newer and has no checkpoint yet.`)
    }
    return { run, checkpoint }
  }
  return undefined
}

async function choose(
  name: string,
  config: ProjectConfig,
  runsDir: string,
  warn: (message: string) => void,
): Promise<ThinkerChoice> {
  if (name === 'none') return { name, kind: 'none' }
  if (name === 'thinker') {
    needs(name, 'thinker', config)
    return { name, kind: 'slot' }
  }
  if (name !== 'base' && name !== 'trained' && !name.startsWith('run:')) {
    throw errors.make('DDA_USAGE_THINKER/unknown', { name })
  }
  needs(name, 'trainer', config)
  if (name === 'base') return { name, kind: 'base' }
  const { readRun, runPath } = await import('@dda-thinker/runs')
  const runs = name === 'trained' ? await trainingRuns(runsDir) : [await readRun(runPath(runsDir, name.slice(4)))]
  const [newest] = runs
  if (newest === undefined) {
    throw errors.make('DDA_RUN_MISSING/no-training', { runsDir })
  }
  const found = await withCheckpoint(runs, warn)
  if (found === undefined) {
    throw errors.make('DDA_RUN_NO_CHECKPOINT', { name: newest.name })
  }
  const { run, checkpoint } = found
  return { name, kind: 'run', run: run.name, step: checkpoint.step, trainerFolder: checkpoint.trainerFolder }
}

function needs(name: string, key: 'thinker' | 'trainer', config: ProjectConfig): void {
  if (config[key] !== undefined) return
  throw errors.make('DDA_USAGE_THINKER/no-block', { name, key })
}
