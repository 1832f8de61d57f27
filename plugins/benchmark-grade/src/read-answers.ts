import type { BenchmarkAnswer } from '@dda-thinker/plugin-api'
import type { GradeOptions } from './options.ts'
import type { PointQuestion } from './load.ts'

export type Reading = { readonly value: number } | { readonly why: string }

type Parser = GradeOptions['parser']

/**
 * Reasoning score of an item, 0 to 1: the shares of the questions that were answered with yes, matched by position
 * (reasoning.py). `official`: any text with "yes" in it is one, and questions without an answer are no; more answers than
 * questions end the official script's attempt. `strict`: one yes or no for each question.
 */
export function readReasoning(answer: BenchmarkAnswer, points: readonly PointQuestion[], parser: Parser): Reading {
  if (typeof answer === 'number') return { value: answer }
  const list = parse(withoutFence(answer))
  if (!Array.isArray(list)) return { why: 'it is no JSON array' }
  if (list.length > points.length) return { why: `${list.length} answers to ${points.length} questions` }
  if (parser === 'strict' && list.length < points.length) {
    return { why: `${list.length} answers to ${points.length} questions` }
  }
  let value = 0
  for (const [at, given] of list.entries()) {
    const said = typeof given === 'object' && given !== null ? (given as { answer?: unknown }).answer : undefined
    if (typeof said !== 'string') return { why: `answer ${at + 1} is no text` }
    const word = said.toLowerCase()
    if (parser === 'strict' && !/^\W*(yes|no)\W*$/.test(word)) return { why: `answer ${at + 1} is neither yes nor no` }
    if (word.includes('yes')) value += points[at]?.score ?? 0
  }
  return { value }
}

/** The official files keep these keys, and without one of them it asks again (consis.py, read.py). */
const KEYS = { consistency: ['Instruction', 'Final Score', 'Reason'], readability: ['Final Score', 'Reason'] } as const

/** Consistency or readability, 0 to 2. `official` takes any number; `strict` 0, 1 and 2. */
export function readScore(answer: BenchmarkAnswer, what: keyof typeof KEYS, parser: Parser): Reading {
  const value = typeof answer === 'number' ? answer : scoreIn(answer, what)
  if (typeof value === 'string') return { why: value }
  if (parser === 'strict' && ![0, 1, 2].includes(value)) return { why: `${value} is not 0, 1 or 2` }
  return { value }
}

function scoreIn(answer: string, what: keyof typeof KEYS): number | string {
  // Only consis.py tries again without backslashes, which formulas in the reason bring.
  const object = parse(answer) ?? (what === 'consistency' ? parse(answer.replaceAll('\\', '')) : undefined)
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return 'it is no JSON object'
  const missing = KEYS[what].find((key) => !Object.hasOwn(object, key))
  if (missing !== undefined) return `it has no ${missing}`
  const score = (object as { 'Final Score'?: unknown })['Final Score']
  return typeof score === 'number' ? score : `its Final Score is ${JSON.stringify(score)}`
}

function withoutFence(answer: string): string {
  return /^```[a-zA-Z0-9]*\n?([^]*?)\n?```\n?$/.exec(answer)?.[1]?.trim() ?? answer
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
