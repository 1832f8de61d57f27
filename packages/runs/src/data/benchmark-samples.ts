import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Benchmark, type BenchmarkItem, type ImageRef, readWhole, type Sample } from '@dda-thinker/plugin-api'
import type { ContentStore } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/** An item, its sample, and the pictures that its judge may be shown. */
export interface BenchmarkSample {
  readonly item: BenchmarkItem
  readonly sample: Sample
  readonly references: readonly ImageRef[]
}

/**
 * Stores the pictures of a benchmark's items and makes samples of them, without checklists: the benchmark asks its own questions.
 *
 * @param data as the benchmark loaded it: its folder, or the file in it that lists the items
 * @throws DdaError `DDA_BENCHMARK_DATA` naming the item whose picture is not there or is none
 */
export async function benchmarkSamples(
  { name }: Benchmark,
  items: readonly BenchmarkItem[],
  data: string,
  images: ContentStore,
  seed: number,
): Promise<readonly BenchmarkSample[]> {
  const folder = (await stat(data)).isDirectory() ? data : dirname(data)
  const samples: BenchmarkSample[] = []
  for (const item of items) {
    const put = async (path: string): Promise<ImageRef> => {
      try {
        return await images.put(await readWhole(join(folder, path)))
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause)
        throw errors.make('DDA_BENCHMARK_DATA/picture', { item: item.id, path, why, folder }, { cause })
      }
    }
    const sources: ImageRef[] = []
    for (const path of item.images) sources.push(await put(path))
    const references: ImageRef[] = []
    for (const path of item.referenceImages ?? []) references.push(await put(path))
    const [referenceImage] = references
    const sample: Sample = {
      id: item.id,
      images: sources,
      instruction: item.instruction,
      category: item.category,
      ...(item.subtask === undefined ? {} : { subtask: item.subtask }),
      reference: item.reference ?? '',
      ...(referenceImage === undefined ? {} : { referenceImage }),
      checklist: [],
      split: 'held-out',
      provenance: { plugin: `benchmark-${name}`, seed },
    }
    samples.push({ item, sample, references })
  }
  return samples
}
