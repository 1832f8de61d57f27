import { PY_SPACE, PY_WORD_END, PY_WORD_START, pyIntOf } from '@dda-thinker/benchmark-kit'
import type { Metric } from './folders.ts'

const ANY_SCORE = [
  String.raw`([1-5])[${PY_SPACE}]*/[${PY_SPACE}]*5`,
  String.raw`([1-5])[${PY_SPACE}]+out[${PY_SPACE}]+of[${PY_SPACE}]+5`,
  String.raw`${PY_WORD_START}([1-5])${PY_WORD_END}`,
]

/** Which of the official scripts reads: they differ a little. `metrics_knowledge` asks where there is a knowledge score. */
export type Script = 'metrics_common' | 'metrics_knowledge'

/**
 * Reads one score as the official scripts do (Kris_Bench, metrics_common.py and metrics_knowledge.py), quirks included: a number
 * in JSON has no limits and loses its fraction; where there is no such JSON, the first lone digit of 1 to 5 anywhere counts.
 * Null in JSON falls through to that search under `metrics_common`.
 */
export function officialScore(answer: string, metric: Metric, script: Script): number | undefined {
  const json = objectWith(answer, `${metric}_score`)
  if (json !== undefined) {
    const value = json[`${metric}_score`]
    const score = pyIntOf(value)
    if (score !== undefined) return score
    if (script === 'metrics_knowledge' && (value === null || value === undefined)) return undefined
  }
  const colon = String.raw`(?:[:：][${PY_SPACE}]*)${script === 'metrics_common' ? '?' : ''}`
  const stated = String.raw`${metric}[_${PY_SPACE}]*score[${PY_SPACE}]*${colon}([1-5])`
  return firstScore(answer, [stated, ...ANY_SCORE])
}

/**
 * Reads the two scores of one joint answer, as `extract_dual_scores` does. Where both stand in JSON neither is searched for
 * elsewhere; where one of them cannot be read as a whole number, both are.
 */
export function officialDualScores(answer: string): Readonly<Record<'instruction' | 'knowledge', number | undefined>> {
  const json = objectWith(answer, 'instruction_score')
  if (json !== undefined) {
    const values = [json['instruction_score'], json['knowledge_score']]
    const isReadable = values.every((value) => value === null || value === undefined || pyIntOf(value) !== undefined)
    const [instruction, knowledge] = values.map((value) => pyIntOf(value))
    if (isReadable) return { instruction, knowledge }
  }
  const stated = (metric: Metric) =>
    firstScore(answer, [String.raw`${metric}[_${PY_SPACE}]*score[${PY_SPACE}]*[:：][${PY_SPACE}]*([1-5])`])
  return { instruction: stated('instruction'), knowledge: stated('knowledge') }
}

/** The first stretch in braces, without braces inside, that has the key somewhere, if that is JSON. */
export function objectWith(answer: string, key: string): Readonly<Record<string, unknown>> | undefined {
  const found = answer.match(/\{[^{}]*\}/g)?.find((stretch) => stretch.includes(key))
  if (found === undefined) return undefined
  try {
    return JSON.parse(found) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

function firstScore(answer: string, patterns: readonly string[]): number | undefined {
  for (const pattern of patterns) {
    const digit = new RegExp(pattern, 'iu').exec(answer)?.[1]
    if (digit !== undefined) return Number(digit)
  }
  return undefined
}
