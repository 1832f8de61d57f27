import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import {
  type Benchmark,
  type BenchmarkAnswers,
  type BenchmarkJudge,
  type BenchmarkQuestion,
  type ImageRef,
  isDdaError,
  type ShownPart,
} from '@dda-thinker/plugin-api'
import type { Ledger } from '@dda-thinker/core'
import { ResultCache, writeFileAtomic } from '@dda-thinker/store'
import type { BenchmarkSample } from '../data/benchmark-samples.ts'
import type { Workspace } from '../data/workspace.ts'
import { errors } from '../errors.ts'
import { isStopped, type Signals } from './role-context.ts'

const EXTENSIONS = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' } as const

/** What judging one Thinker's edits needs. */
export interface ArmOptions extends Signals {
  readonly benchmark: Benchmark
  /** Plugin that offers the benchmark, for the books. */
  readonly plugin: string
  readonly workspace: Workspace
  readonly ledger: Ledger
  readonly samples: readonly BenchmarkSample[]
  /** Edited pictures by item. */
  readonly edits: ReadonlyMap<string, ImageRef>
  /** Where the official layout goes. */
  readonly results: string
  readonly warn: (message: string) => void
  readonly onAnswer: () => void
}

/**
 * Writes the edited pictures where the official script looks for them, in a type that it reads. A picture left there by an earlier run
 * of an item that has none now is taken away: it would be judged for this one.
 *
 * @returns the pictures as they were written
 */
export async function writeLayout(options: ArmOptions): Promise<ReadonlyMap<string, ImageRef>> {
  const { benchmark, workspace, samples, edits, results } = options
  const written = new Map<string, ImageRef>()
  for (const { item } of samples) {
    const target = join(results, ...item.output.split('/'))
    // Built from what the data say.
    if (relative(results, target).split(/[/\\]/)[0] === '..')
      throw errors.make('DDA_BENCHMARK_DATA/output', { item: item.id, output: item.output })
    const edit = edits.get(item.id)
    for (const type of benchmark.outputTypes) await rm(`${target}.${EXTENSIONS[type]}`, { force: true })
    if (edit === undefined) continue
    const picture = await inType(edit, benchmark.outputTypes, workspace)
    await mkdir(dirname(target), { recursive: true })
    const bytes = await workspace.images.get(picture)
    await writeFileAtomic(`${target}.${EXTENSIONS[picture.mediaType]}`, bytes, { durable: false })
    written.set(item.id, picture)
  }
  return written
}

async function inType(image: ImageRef, types: Benchmark['outputTypes'], { images }: Workspace): Promise<ImageRef> {
  const [first] = types
  if (first === undefined || types.includes(image.mediaType)) return image
  const { default: sharp } = await import('sharp')
  const picture = sharp(await images.get(image)).keepIccProfile()
  const bytes =
    first === 'image/jpeg'
      ? // Alpha over white: JPEG has none, and black would be another picture.
        await picture.flatten({ background: 'white' }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
      : await picture.toFormat(EXTENSIONS[first]).toBuffer()
  return images.put(bytes)
}

/**
 * Asks the judge about every edited picture. An answer is kept by everything that it was asked with, so nothing is asked twice;
 * a failure is kept nowhere, and the next call asks again.
 *
 * @returns as far as it came where it was stopped
 * @throws DdaError of a budget, or of a failure that no other question can escape
 */
export async function askJudge(
  judge: BenchmarkJudge,
  options: ArmOptions,
  pictures: ReadonlyMap<string, ImageRef>,
): Promise<BenchmarkAnswers> {
  const { benchmark, samples, warn } = options
  const answers = new Map<string, Record<string, string>>()
  const end: { failure?: unknown } = {}
  const ask = async ({ entry, question, edited, found }: Asked): Promise<void> => {
    try {
      found[question.key] = await askOnce(judge, options, shown(question, entry, edited))
      options.onAnswer()
    } catch (error) {
      if (isStopped(options)) return
      // Failures of one question leave a gap that is counted; all others end the run.
      if (isDdaError(error) && error.kind !== undefined && !error.stopsRun) {
        warn(`${entry.item.id} ${question.key}: no answer: ${error.message} (${error.code})`)
      } else if (!('failure' in end)) end.failure = error
    }
  }
  const questions = samples.flatMap((entry): readonly Asked[] => {
    const edited = pictures.get(entry.item.id)
    if (edited === undefined) return []
    const found: Record<string, string> = {}
    answers.set(entry.item.id, found)
    return benchmark.questions(entry.item).map((question) => ({ entry, question, edited, found }))
  })
  // As many at once as the judge has places for, all drawing from one list.
  const waiting = questions.values()
  const place = async (): Promise<void> => {
    for (const asked of waiting) {
      if (isStopped(options) || 'failure' in end) return
      await ask(asked)
    }
  }
  await Promise.all(Array.from({ length: judge.concurrency }, place))
  if ('failure' in end) throw end.failure
  return answers
}

interface Asked {
  readonly entry: BenchmarkSample
  readonly question: BenchmarkQuestion
  readonly edited: ImageRef
  /** Answers about the item, to which this one is added. */
  readonly found: Record<string, string>
}

function shown({ parts }: BenchmarkQuestion, { item, sample, references }: BenchmarkSample, edited: ImageRef) {
  return parts.map((part): ShownPart => {
    if ('text' in part) return part
    const image = part.image === 'edited' ? edited : (part.image === 'source' ? sample.images : references)[part.index]
    if (image !== undefined) return { image }
    throw errors.make('DDA_BENCHMARK_DATA/no-picture', { item: item.id })
  })
}

function isKept(kept: { readonly answer?: unknown } | null): boolean {
  return typeof kept?.answer === 'string'
}

async function askOnce(judge: BenchmarkJudge, options: ArmOptions, parts: readonly ShownPart[]): Promise<string> {
  const { workspace, ledger, plugin, signal = new AbortController().signal } = options
  const key = ResultCache.key(['benchmark-answer', 1, judge.fingerprint, parts])
  const make = async (): Promise<{ readonly answer: string }> => {
    const release = ledger.reserve('judge')
    try {
      const answer = await judge.ask(parts, { signal })
      await ledger.result('judge', plugin)
      return { answer }
    } finally {
      release()
    }
  }
  const { value } = await workspace.cache.resolve(key, make, isKept)
  return value.answer
}
