import { type ChecklistItem, EDITOR, JUDGES, REWARD, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'
import { sha256 } from '@dda-thinker/store'
import { fileHash } from '../data/line-files.ts'
import { findData } from '../data/project-samples.ts'
import { readSamples, scopesOf } from '../data/samples-file.ts'
import type { EvalThinker } from './evaluate-options.ts'
import { openJob } from './open-job.ts'
import type { Signals } from './role-context.ts'
import { unscored, withoutReward } from './unscored.ts'
import type { Workspace } from '../data/workspace.ts'
import { planSeed } from './seeds.ts'

export interface EditOnceOptions extends Signals {
  readonly workspace: Workspace
  readonly thinker: EvalThinker
  /** The encoded source picture. */
  readonly image: Uint8Array
  readonly instruction: string
  /** Default: that of the project's sample with this picture and instruction, if there is one. */
  readonly checklist?: readonly ChecklistItem[] | undefined
}

export interface EditedOnce {
  readonly sample: Sample
  /** Its reward is absent where nothing was asked or the config names no decomposition. */
  readonly rollout: Rollout
  /** Is it a sample of the project's data? */
  readonly known: boolean
}

/**
 * One picture and instruction through plan, edit and, where there are a checklist and judges for it, judge: as an evaluation
 * would (greedy, same seeds, same cache), but recorded in no run.
 *
 * @throws DdaError `DDA_IMAGE_INVALID`; `DDA_JUDGE_SCOPE_UNCOVERED` where a given checklist has no judge; `DDA_INTERRUPTED`
 */
export async function editOnce(assembly: Assembly, options: EditOnceOptions): Promise<EditedOnce> {
  const { workspace, thinker: entry, instruction, checklist } = options
  const image = await workspace.images.put(options.image)
  const known = await knownSample(workspace, image.hash, instruction)
  const plain: Sample = known ?? {
    id: `edit-${sha256(JSON.stringify([image.hash, instruction])).slice(0, 8)}`,
    images: [image],
    instruction,
    category: 'edit',
    reference: '',
    checklist: [],
    split: 'held-out',
    provenance: { plugin: 'dda-edit', seed: assembly.config.seed },
  }
  const sample: Sample = { ...plain, checklist: checklist ?? judgeable(assembly, plain.checklist) }
  const judged = sample.checklist.length > 0
  const scored = judged && assembly.has(REWARD)
  const roles = [EDITOR, ...(judged ? [JUDGES] : []), ...(scored ? [REWARD] : []), ...entry.needs]
  const job = await openJob(assembly, options, roles)
  try {
    await entry.prepare?.()
    const thinker = typeof entry.thinker === 'function' ? entry.thinker() : entry.thinker
    const engine = job.engine({ thinker, scopes: scopesOf([sample]) }, scored ? assembly : unscored(assembly))
    try {
      const group = `edit/${entry.name}/${sample.id}`
      const request = { id: `${group}/0`, sample, group, member: 0, step: 0, temperature: 0 }
      const seed = planSeed(assembly.config.seed, 0, sample.id, 0)
      let rollout: Rollout | undefined
      for await (const made of engine.run([{ ...request, planSeed: seed }])) rollout = made
      if (rollout === undefined) throw new TypeError('the engine ended without the rollout it was asked for')
      return { sample, known: known !== undefined, rollout: scored ? rollout : withoutReward(rollout) }
    } finally {
      engine.dispose()
    }
  } finally {
    await job.ledger.close().catch(() => undefined)
  }
}

/** The same picture and words have the same id, seeds and cached results as in an evaluation. */
async function knownSample({ paths }: Workspace, hash: string, instruction: string): Promise<Sample | undefined> {
  if ((await fileHash(paths.samples)) === undefined) return undefined
  for await (const sample of readSamples((await findData(paths)).file)) {
    const { images, instruction: asked } = sample
    if (images.length === 1 && images[0]?.hash === hash && asked === instruction) return sample
  }
  return undefined
}

/** The items that some judge of the config answers: a look at a sample needs no judges. */
function judgeable(assembly: Assembly, checklist: readonly ChecklistItem[]): readonly ChecklistItem[] {
  const scopes = new Set(assembly.all(JUDGES).flatMap((judge) => judge.scopes))
  return checklist.filter(({ scope }) => scopes.has(scope))
}
