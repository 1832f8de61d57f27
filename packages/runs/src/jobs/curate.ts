import {
  CURATORS,
  EDITOR,
  JUDGES,
  REWARD,
  type Sample,
  type Scope,
  type Thinker,
  THINKER,
} from '@dda-thinker/plugin-api'
import { type Assembly, curateStage, interrupted } from '@dda-thinker/core'
import { Tally } from '@dda-thinker/evaluation'
import type { FailureCause } from '@dda-thinker/evaluation'
import { readDataManifest, writeDataManifest } from '../data/data-manifest.ts'
import { createLinesFile, fileFacts } from '../data/line-files.ts'
import { readSamples, scopesIn } from '../data/samples-file.ts'
import { decisionLine } from '../data/decisions.ts'
import { FileShelf } from '../data/sample-shelf.ts'
import { errors } from '../errors.ts'
import type { RunEvents } from '../record/events.ts'
import { openJob } from './open-job.ts'
import { hasPolicy, policyOf, POLICY_SLOTS } from '../record/policy-of.ts'
import { isStopped } from './role-context.ts'
import type { DataOptions } from './synthesize.ts'
import { Trials } from './trials.ts'
import { TriedSamples } from './tried-samples.ts'

export interface CurateOptions extends DataOptions {
  /** Of the samples that were tried, the fraction that need not have been measured. Default 0. */
  readonly maxUnmeasured?: number
}

export interface CurateResult {
  /** `partial`: too many samples could not be measured, so nothing was written. The same call tries them again. */
  readonly state: 'finished' | 'partial'
  readonly kept: number
  readonly dropped: number
  /** Decisions by reason. */
  readonly reasons: Readonly<Record<string, number>>
  readonly file: string
  /** Ids of samples of which a rollout failed in passing. */
  readonly unmeasured: readonly string[]
  /** Why rollouts are masked. */
  readonly causes: readonly FailureCause[]
}

/**
 * Runs the curators over `samples.jsonl` and writes `curated.jsonl` (kept, in curriculum order) and `decisions.jsonl`.
 * Rollouts that curators try use the policy under training where a trainer is configured, else the configured Thinker. A sample of
 * which a rollout failed in passing is not measured: where there are any (`maxUnmeasured`), the files of before stay.
 *
 * @throws DdaError `DDA_DATA_MISSING`, `DDA_CURATOR_BAD_OUTPUT`, `DDA_CURATE_ALL_MASKED`, `DDA_INTERRUPTED`
 */
export async function curate(
  assembly: Assembly,
  options: CurateOptions,
  events: RunEvents = {},
): Promise<CurateResult> {
  const { workspace } = options
  const { paths } = workspace
  const from = await fileFacts(paths.samples)
  if (from === undefined) {
    throw errors.make('DDA_DATA_MISSING/curate', { path: paths.samples })
  }
  const job = await openJob(assembly, options, [EDITOR, REWARD, JUDGES, ...POLICY_SLOTS, THINKER, CURATORS], events)
  const tried = new TriedSamples()
  let trials: Trials | undefined
  let scopes: Promise<readonly Scope[]> | undefined
  const total = from.count
  const shelf = new FileShelf(paths.curated)
  events.onStart?.({ task: 'curate', total, done: 0 })
  const curated = await createLinesFile(paths.curated)
  const decisions = await createLinesFile(paths.decisions)
  const reasons = new Tally()
  let done = 0
  try {
    const tryRollouts = async (sample: Sample, count: number) => {
      scopes ??= scopesIn(paths.samples)
      const asked = await scopes
      trials ??= new Trials(job, workspace, thinkerOf(assembly), asked, events)
      const rollouts = await trials.try(sample, count)
      tried.add(sample, rollouts)
      return rollouts
    }
    const context = { ...job.context, tryRollouts, shelf }
    for await (const decision of curateStage(assembly, readSamples(paths.samples), context)) {
      if (isStopped(options)) throw interrupted()
      const { sample, kept, reason } = decision
      if (kept) await curated.write(sample)
      await decisions.write(decisionLine(decision))
      reasons.add(reason)
      done += 1
      events.onDecision?.({ decision, done, total })
    }
    tried.requireSome()
    const { unmeasured, causes } = tried
    const file = paths.curated
    if (unmeasured.length > (options.maxUnmeasured ?? 0) * tried.count) {
      await curated.discard()
      await decisions.discard()
      return { state: 'partial', kept: 0, dropped: 0, reasons: {}, file, unmeasured, causes }
    }
    await decisions.commit()
    const facts = await curated.commit()
    const manifest = await readDataManifest(paths)
    await writeDataManifest(paths, {
      ...(manifest ?? {
        format: 1,
        seed: assembly.config.seed,
        synthesizers: [],
        samples: from,
      }),
      curators: assembly.all(CURATORS).map((curator) => assembly.providerOf(curator)),
      curated: { ...facts, from: from.sha256 },
    })
    const dropped = done - facts.count
    return { state: 'finished', kept: facts.count, dropped, reasons: reasons.toRecord(), file, unmeasured, causes }
  } catch (error) {
    await curated.discard()
    await decisions.discard()
    throw error
  } finally {
    trials?.dispose()
    await shelf.close()
  }
}

/** The policy under training where there is a trainer, else the configured Thinker. @throws DdaError `DDA_SLOT_EMPTY` */
export function thinkerOf(assembly: Assembly): Thinker {
  return hasPolicy(assembly) ? policyOf(assembly).thinker : assembly.resolve(THINKER)
}
