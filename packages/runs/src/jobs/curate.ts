import {
  CURATORS,
  DdaError,
  EDITOR,
  JUDGES,
  REWARD,
  type Sample,
  type Thinker,
  THINKER,
  TRAINER,
} from '@dda-thinker/plugin-api'
import { type Assembly, curateStage, interrupted } from '@dda-thinker/core'
import { createLinesFile, fileHash, readDataManifest, scopesOf, writeDataManifest } from '../data/data.ts'
import type { RunEvents } from '../record/events.ts'
import { collect, readLines } from '@dda-thinker/store'
import { openJob } from './open-job.ts'
import { isStopped } from './role-context.ts'
import type { DataOptions } from './synthesize.ts'
import { Trials } from './trials.ts'

export interface CurateResult {
  readonly kept: number
  readonly dropped: number
  /** Decisions by reason. */
  readonly reasons: Readonly<Record<string, number>>
  readonly file: string
}

/**
 * Runs the curators over `samples.jsonl` and writes `curated.jsonl` (kept, in curriculum order) and `decisions.jsonl`.
 * Rollouts that curators try use the policy under training where a trainer is configured, else the configured Thinker.
 *
 * @throws DdaError `DDA_DATA_MISSING`, `DDA_CURATOR_BAD_OUTPUT`, `DDA_INTERRUPTED`
 */
export async function curate(assembly: Assembly, options: DataOptions, events: RunEvents = {}): Promise<CurateResult> {
  const { workspace } = options
  const { paths } = workspace
  const from = await fileHash(paths.samples)
  const samples = await loadOriginal(paths.samples, from)
  const job = await openJob(assembly, options, [EDITOR, REWARD, JUDGES, TRAINER, THINKER, CURATORS])
  let trials: Trials | undefined
  const total = samples.length
  events.onStart?.({ task: 'curate', total, done: 0 })
  const curated = await createLinesFile(paths.curated)
  const decisions = await createLinesFile(paths.decisions)
  const reasons: Record<string, number> = {}
  let done = 0
  try {
    const tryRollouts = (sample: Sample, count: number) => {
      trials ??= new Trials(job, thinkerOf(assembly), scopesOf(samples))
      return trials.try(sample, count)
    }
    for await (const decision of curateStage(assembly, stream(samples), { ...job.context, tryRollouts })) {
      if (isStopped(options)) throw interrupted()
      const { sample, kept, reason } = decision
      const { difficulty } = sample
      if (kept) await curated.write(sample)
      await decisions.write({ sampleId: sample.id, kept, reason, ...(difficulty === undefined ? {} : { difficulty }) })
      reasons[reason] = (reasons[reason] ?? 0) + 1
      done += 1
      events.onDecision?.({ decision, done, total })
    }
    await decisions.commit()
    const facts = await curated.commit()
    const manifest = await readDataManifest(paths)
    await writeDataManifest(paths, {
      ...(manifest ?? {
        format: 1,
        seed: assembly.config.seed,
        synthesizers: [],
        samples: { sha256: from ?? '', count: total },
      }),
      curators: assembly.all(CURATORS).map((curator) => assembly.providerOf(curator)),
      curated: { ...facts, from: from ?? '' },
    })
    return { kept: facts.count, dropped: done - facts.count, reasons, file: paths.curated }
  } catch (error) {
    await curated.discard()
    await decisions.discard()
    throw error
  } finally {
    trials?.dispose()
  }
}

/** The policy under training where there is a trainer, else the configured Thinker. @throws DdaError `DDA_SLOT_EMPTY` */
export function thinkerOf(assembly: Assembly): Thinker {
  return assembly.has(TRAINER) ? assembly.resolve(TRAINER).thinker : assembly.resolve(THINKER)
}

async function* stream(samples: readonly Sample[]): AsyncIterable<Sample> {
  yield* samples
}

async function loadOriginal(path: string, hash: string | undefined): Promise<Sample[]> {
  if (hash !== undefined) return collect(readLines<Sample>(path, { whole: true }))
  throw new DdaError('DDA_DATA_MISSING', `There are no samples at ${path}`, {
    next: 'Make them with `dda synthesize`.',
  })
}
