import { picturesOf, type Split, SYNTHESIZERS } from '@dda-thinker/plugin-api'
import { type Assembly, interrupted, synthesizeStage } from '@dda-thinker/core'
import { Tally } from '@dda-thinker/evaluation'
import { readDataManifest, writeDataManifest } from '../data/data-manifest.ts'
import { createLinesFile } from '../data/line-files.ts'
import { errors } from '../errors.ts'
import type { RunEvents } from '../record/events.ts'
import { isStopped, type Signals } from './role-context.ts'
import { openSynthesis } from './synthesis-context.ts'
import type { Workspace } from '../data/workspace.ts'

export interface DataOptions extends Signals {
  readonly workspace: Workspace
}

export interface SynthesizeOptions extends DataOptions {
  /** That no sample comes of it is a result too. Default false: it is an error, and the samples made before stay. */
  readonly allowsNone?: boolean
}

export interface SynthesizeResult {
  readonly samples: number
  readonly bySplit: Readonly<Record<Split, number>>
  readonly byCategory: Readonly<Record<string, number>>
  /** Rows of data that became no sample, by reason; the record is `data/set-aside.jsonl`. */
  readonly setAside: Readonly<Record<string, number>>
  readonly file: string
}

/**
 * Makes the samples that the config asks for and puts them in the place of the old ones, all or nothing.
 *
 * @throws DdaError `DDA_NO_SYNTHESIZER`, `DDA_SAMPLE_INVALID`, `DDA_SYNTHESIZE_NONE`, `DDA_INTERRUPTED`
 */
export async function synthesize(
  assembly: Assembly,
  options: SynthesizeOptions,
  events: RunEvents = {},
): Promise<SynthesizeResult> {
  const { workspace } = options
  const { config } = assembly
  const makers = assembly.all(SYNTHESIZERS)
  if (makers.length === 0) {
    throw errors.make('DDA_NO_SYNTHESIZER')
  }
  const { count } = config.synthesize
  const total = (count.train + count['held-out']) * makers.length
  events.onStart?.({ task: 'synthesize', total, done: 0 })
  const bySplit: Record<Split, number> = { train: 0, 'held-out': 0 }
  const byCategory = new Tally()
  const syncing = workspace.images.syncing()
  const file = await createLinesFile(workspace.paths.samples)
  const books = await openSynthesis(assembly, workspace, options, workspace.paths.setAside).catch(
    async (error: unknown) => {
      await file.discard()
      throw error
    },
  )
  try {
    await assembly.open([SYNTHESIZERS], books.context)
    let done = 0
    for await (const sample of synthesizeStage(assembly, { seed: config.seed, count }, books.context)) {
      if (isStopped(options)) throw interrupted()
      await file.write(sample)
      done += 1
      bySplit[sample.split] += 1
      byCategory.add(sample.category)
      for (const image of picturesOf(sample)) await syncing.add(image)
      events.onSample?.({ sample, done, total })
    }
    await syncing.finish()
    await books.commit()
    if (done === 0 && total > 0 && options.allowsNone !== true) throw none(books.reasons, workspace.paths.setAside)
    const samples = await file.commit()
    const before = await readDataManifest(workspace.paths)
    await writeDataManifest(workspace.paths, {
      // Kept: it tells that a curated file is from other samples now, unless these are the same again.
      ...(before?.curated === undefined ? {} : { curated: before.curated }),
      ...(before?.curators === undefined ? {} : { curators: before.curators }),
      format: 1,
      seed: config.seed,
      synthesizers: makers.map((maker) => assembly.providerOf(maker)),
      samples,
    })
    return {
      samples: samples.count,
      bySplit,
      byCategory: byCategory.toRecord(),
      setAside: books.reasons,
      file: workspace.paths.samples,
    }
  } catch (error) {
    await file.discard()
    throw error
  } finally {
    await books.close()
  }
}

function none(reasons: Readonly<Record<string, number>>, file: string): Error {
  const counts = Object.entries(reasons).toSorted(([, a], [, b]) => b - a)
  const [most] = counts
  if (most === undefined) return errors.make('DDA_SYNTHESIZE_NONE/nothing')
  const count = counts.reduce((sum, [, rows]) => sum + rows, 0)
  return errors.make('DDA_SYNTHESIZE_NONE/set-aside', { count, reason: most[0], file })
}
