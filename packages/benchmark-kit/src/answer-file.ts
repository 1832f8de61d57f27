import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DdaError, type BenchmarkAnswer, type BenchmarkAnswers } from '@dda-thinker/plugin-api'
import { readJson, readPickle } from './read-records.ts'

/** The judge's answers as our own runs keep them, in the folder of results. */
export const ANSWERS_FILE = 'judge-answers.json'

const CODE = 'DDA_BENCHMARK_RESULTS'

/**
 * Reads answers by item and question from `judge-answers.json`, or from the pickle of an official script. Where a folder has both, our
 * own; where it has several pickles, the one that is named like the folder.
 *
 * @param results a folder of results, or the file itself
 * @throws DdaError `DDA_BENCHMARK_RESULTS`
 */
export async function readAnswerFile(results: string): Promise<BenchmarkAnswers> {
  const file = await answerFile(results)
  const data = file.endsWith('.pkl') ? await readPickle(file, CODE) : await readJson(file, CODE)
  const entries = entriesOf(data)
  if (entries === undefined) throw new DdaError(CODE, `${file} has no object of answers by item`)
  return new Map(entries.map(([id, answers]) => [id, answersOf(answers, `${file}: ${id}`)]))
}

/** Writes answers so that {@link readAnswerFile} finds them; the file is whole or is not there. */
export async function writeAnswerFile(results: string, answers: BenchmarkAnswers): Promise<void> {
  await mkdir(results, { recursive: true })
  const file = join(results, ANSWERS_FILE)
  await writeFile(`${file}.tmp`, `${JSON.stringify(Object.fromEntries(answers), undefined, 1)}\n`)
  await rename(`${file}.tmp`, file)
}

async function answerFile(results: string): Promise<string> {
  const found = await stat(results).catch(() => undefined)
  if (found === undefined) {
    throw new DdaError(CODE, `there is no ${results}`, { next: 'Give the folder of results of one model.' })
  }
  if (found.isFile()) return results
  const names = await readdir(results)
  if (names.includes(ANSWERS_FILE)) return join(results, ANSWERS_FILE)
  const pickles = names.filter((name) => name.endsWith('.pkl'))
  const own = `${basename(resolve(results))}.pkl`
  const [only, second] = pickles.includes(own) ? [own] : pickles
  if (only === undefined || second !== undefined) {
    const what = only === undefined ? 'has no' : 'has more than one'
    throw new DdaError(CODE, `${results} ${what} file of the judge's answers`, {
      next: `Give the file itself: ${ANSWERS_FILE} of a run, or the .pkl of the official script.`,
    })
  }
  return join(results, only)
}

function answersOf(value: unknown, where: string): Record<string, BenchmarkAnswer | null> {
  const entries = entriesOf(value)
  if (entries === undefined) throw new DdaError(CODE, `${where}: expected an object of answers by question`)
  return Object.fromEntries(
    entries.map(([key, answer]) => {
      if (answer === null || answer === undefined) return [key, null]
      if (typeof answer === 'string' || typeof answer === 'number') return [key, answer]
      throw new DdaError(CODE, `${where}: ${key} is neither text, nor a number, nor null`)
    }),
  )
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) return [...value].map(([key, item]) => [String(key), item as unknown])
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value)
}
