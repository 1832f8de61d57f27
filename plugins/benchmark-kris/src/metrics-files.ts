import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ANSWERS_FILE, readAnswerFile, readJson, writeAnswerFile } from '@dda-thinker/benchmark-kit'
import { type BenchmarkAnswer, type BenchmarkAnswers, type BenchmarkItem, writeWhole } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { METRICS, type Metric } from './folders.ts'
import { judge } from './item-scores.ts'

const KEYS = (Object.keys(METRICS) as Metric[]).map((metric) => `${metric}_score`)

/**
 * The words of the judge where a run of ours left them, else the numbers of `<folder>/metrics.json` that the official scripts write.
 *
 * @throws DdaError `DDA_BENCHMARK_RESULTS`
 */
export async function readMetrics(results: string, items: readonly BenchmarkItem[]): Promise<BenchmarkAnswers> {
  if (await exists(join(results, ANSWERS_FILE))) return readAnswerFile(results)
  const answers = new Map<string, Record<string, BenchmarkAnswer | null>>()
  let files = 0
  for (const folder of new Set(items.map(({ category }) => category))) {
    const file = join(results, folder, 'metrics.json')
    if (!(await exists(file))) continue
    files += 1
    const data = await readJson(file, 'DDA_BENCHMARK_RESULTS')
    if (!isObject(data)) throw errors.make('DDA_BENCHMARK_RESULTS/kris-scores', { file })
    for (const [id, scores] of Object.entries(data)) {
      if (!isObject(scores)) throw errors.make('DDA_BENCHMARK_RESULTS/kris-item', { file, id })
      answers.set(
        `${folder}/${id}`,
        Object.fromEntries(KEYS.map((key) => [key, numberOf(scores[key], `${file}: ${id}: ${key}`)])),
      )
    }
  }
  if (files === 0) {
    throw errors.make('DDA_BENCHMARK_RESULTS/kris-files', { results, answersFile: ANSWERS_FILE })
  }
  return answers
}

/** Writes the words to our file and the scores in them to the official ones, which the official scripts then take as done. */
export async function writeMetrics(
  results: string,
  items: readonly BenchmarkItem[],
  answers: BenchmarkAnswers,
): Promise<void> {
  await writeAnswerFile(results, answers)
  for (const folder of new Set(items.map(({ category }) => category))) {
    const entries = items
      .filter((item) => item.category === folder && answers.has(item.id))
      .map((item) => [item.id.slice(folder.length + 1), metricsOf(item, answers)] as const)
    if (entries.length === 0) continue
    await mkdir(join(results, folder), { recursive: true })
    const file = join(results, folder, 'metrics.json')
    await writeWhole(file, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`)
  }
}

function metricsOf(item: BenchmarkItem, answers: BenchmarkAnswers): Record<string, string | number | null> {
  const { scores } = judge(item, answers.get(item.id), 'official')
  return {
    instruction: item.instruction,
    explain: item.reference ?? '',
    ...Object.fromEntries(Object.entries(scores).map(([metric, score]) => [`${metric}_score`, score])),
  }
}

function numberOf(value: unknown, where: string): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return value
  throw errors.make('DDA_BENCHMARK_RESULTS/kris-number', { where, value: JSON.stringify(value) })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
