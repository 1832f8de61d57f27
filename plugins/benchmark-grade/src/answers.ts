import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readAnswerFile, readJson } from '@dda-thinker/benchmark-kit'
import type { BenchmarkAnswer, BenchmarkAnswers } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

const CODE = 'DDA_BENCHMARK_RESULTS'

/** What the official scripts gather, and where the score stands in an entry. */
const OFFICIAL = [
  ['reasoning', 'gemini_flash_eval_1.json'],
  ['consistency', 'gemini_flash_consis_4.json'],
  ['readability', 'gemini_flash_read_4.json'],
] as const

/**
 * Answers of our own runs, or the scores in the files that the official scripts gathered.
 *
 * @throws DdaError `DDA_BENCHMARK_RESULTS`
 */
export async function readGradeAnswers(results: string): Promise<BenchmarkAnswers> {
  const [[, first]] = OFFICIAL
  const isOfficial = await stat(join(results, first)).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isOfficial) return readAnswerFile(results)
  const answers = new Map<string, Record<string, BenchmarkAnswer | null>>()
  for (const [question, name] of OFFICIAL) {
    const file = join(results, name)
    const list = await readJson(file, CODE)
    if (!Array.isArray(list)) throw errors.make('DDA_BENCHMARK_RESULTS/grade-list', { file })
    for (const [at, entry] of list.entries()) {
      const [id, value] = readEntry(entry, question)
      if (id === undefined) throw errors.make('DDA_BENCHMARK_RESULTS/grade-entry', { file, number: at + 1 })
      const before = answers.get(id) ?? {}
      before[question] = value
      answers.set(id, before)
    }
  }
  return answers
}

function readEntry(entry: unknown, question: string): readonly [string | undefined, BenchmarkAnswer | null] {
  const { task_id: task, vqa, score, ['Final Score']: final } = (entry ?? {}) as Readonly<Record<string, unknown>>
  const value = question === 'reasoning' ? score : final
  const id = question === 'reasoning' ? (vqa as readonly { id?: unknown }[] | undefined)?.[0]?.id : task
  // "none": the item has no consistency. "bad response" stays, and cannot be read.
  const answer = value === 'none' ? null : typeof value === 'number' || typeof value === 'string' ? value : null
  return [typeof id === 'string' ? id : undefined, answer]
}
