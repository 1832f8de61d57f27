import { mkdir, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type BenchmarkAnswer, type BenchmarkAnswers, redact, writeWhole } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { readJson, readPickle } from './read-records.ts'

/** The judge's answers as our own runs keep them, in the folder of results. */
export const ANSWERS_FILE = 'judge-answers.json'

/**
 * Reads answers by item and question from `judge-answers.json`, or from the pickle of an official script. Where a folder has both, our
 * own; where it has several pickles, the one that is named like the folder.
 *
 * @param results a folder of results, or the file itself
 * @throws DdaError `DDA_BENCHMARK_RESULTS`
 */
export async function readAnswerFile(results: string): Promise<BenchmarkAnswers> {
  const file = await answerFile(results)
  const data = file.endsWith('.pkl') ? await readPickle(file) : await readJson(file, 'DDA_BENCHMARK_RESULTS')
  const entries = entriesOf(data)
  if (entries === undefined) throw errors.make('DDA_BENCHMARK_RESULTS/no-object', { file })
  return new Map(entries.map(([id, answers]) => [id, answersOf(answers, `${file}: ${id}`)]))
}

/** Writes answers so that {@link readAnswerFile} finds them; the file is whole or is not there. */
export async function writeAnswerFile(results: string, answers: BenchmarkAnswers): Promise<void> {
  await mkdir(results, { recursive: true })
  const file = join(results, ANSWERS_FILE)
  await writeWhole(file, redact(`${JSON.stringify(Object.fromEntries(answers), undefined, 1)}\n`))
}

async function answerFile(results: string): Promise<string> {
  const found = await stat(results).catch(() => undefined)
  if (found === undefined) {
    throw errors.make('DDA_BENCHMARK_RESULTS/missing', { results })
  }
  if (found.isFile()) return results
  const names = await readdir(results)
  if (names.includes(ANSWERS_FILE)) return join(results, ANSWERS_FILE)
  const pickles = names.filter((name) => name.endsWith('.pkl'))
  const own = `${basename(resolve(results))}.pkl`
  const [only, second] = pickles.includes(own) ? [own] : pickles
  if (only === undefined || second !== undefined) {
    const what = only === undefined ? 'has no' : 'has more than one'
    throw errors.make('DDA_BENCHMARK_RESULTS/which-file', { results, what, answersFile: ANSWERS_FILE })
  }
  return join(results, only)
}

function answersOf(value: unknown, where: string): Record<string, BenchmarkAnswer | null> {
  const entries = entriesOf(value)
  if (entries === undefined) throw errors.make('DDA_BENCHMARK_RESULTS/no-answers', { where })
  return Object.fromEntries(
    entries.map(([key, answer]) => {
      if (answer === null || answer === undefined) return [key, null]
      if (typeof answer === 'string' || typeof answer === 'number') return [key, answer]
      throw errors.make('DDA_BENCHMARK_RESULTS/answer', { where, key })
    }),
  )
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) return [...value].map(([key, item]) => [String(key), item as unknown])
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value)
}
