import { type Sample, SYNTHESIZERS } from '@dda-thinker/plugin-api'
import { annotateStage, type Assembly, interrupted } from '@dda-thinker/core'
import { readDataManifest, writeDataManifest } from '../data/data-manifest.ts'
import { createLinesFile, fileHash } from '../data/line-files.ts'
import { readSamples } from '../data/samples-file.ts'
import { errors } from '../errors.ts'
import type { RunEvents } from '../record/events.ts'
import { isStopped } from './role-context.ts'
import type { DataOptions } from './synthesize.ts'
import { openSynthesis } from './synthesis-context.ts'

export interface AnnotateResult {
  readonly samples: number
  /** Samples that had no checklist and have one now. */
  readonly annotated: number
  /** Samples that have none still. */
  readonly without: number
  /** What was set aside, by reason; the record is `data/checklist-set-aside.jsonl`. */
  readonly setAside: Readonly<Record<string, number>>
  readonly file: string
}

/**
 * Gives reference and checklist to the samples of `samples.jsonl` that have no checklist, by the first synthesizer of the config
 * that can, and puts the file in the place of the old one, all or nothing.
 *
 * @throws DdaError `DDA_NO_ANNOTATOR`, `DDA_DATA_MISSING`, `DDA_SAMPLE_INVALID`, `DDA_INTERRUPTED`, `DDA_BUDGET_MONEY`
 */
export async function annotate(
  assembly: Assembly,
  options: DataOptions,
  events: RunEvents = {},
): Promise<AnnotateResult> {
  const { workspace } = options
  const { paths } = workspace
  const annotator = assembly.all(SYNTHESIZERS).find((maker) => typeof maker.annotate === 'function')
  if (annotator === undefined) {
    throw errors.make('DDA_NO_ANNOTATOR')
  }
  const from = await fileHash(paths.samples)
  if (from === undefined) {
    throw errors.make('DDA_DATA_MISSING/curate', { path: paths.samples })
  }
  const manifest = await readDataManifest(paths)
  const total = manifest?.samples.count ?? 0
  const file = await createLinesFile(paths.samples)
  const books = await openSynthesis(assembly, workspace, options, paths.checklistAside).catch(
    async (error: unknown) => {
      await file.discard()
      throw error
    },
  )
  try {
    await assembly.open([SYNTHESIZERS], books.context)
    events.onStart?.({ task: 'checklist', total, done: 0 })
    const counts = { before: 0, after: 0 }
    const before = counting(readSamples(paths.samples), counts)
    let done = 0
    for await (const sample of annotateStage(assembly, annotator, before, books.context)) {
      if (isStopped(options)) throw interrupted()
      await file.write(sample)
      done += 1
      if (sample.checklist.length > 0) counts.after += 1
      events.onSample?.({ sample, done, total })
    }
    await books.commit()
    const samples = await file.commit()
    await writeDataManifest(paths, {
      ...(manifest ?? { format: 1, seed: assembly.config.seed, synthesizers: [] }),
      samples,
      annotator: assembly.providerOf(annotator),
    })
    const annotated = counts.after - counts.before
    const without = samples.count - counts.after
    return { samples: samples.count, annotated, without, setAside: books.reasons, file: paths.samples }
  } catch (error) {
    await file.discard()
    throw error
  } finally {
    await books.close()
  }
}

async function* counting(samples: AsyncIterable<Sample>, counts: { before: number }): AsyncIterable<Sample> {
  for await (const sample of samples) {
    if (sample.checklist.length > 0) counts.before += 1
    yield sample
  }
}
