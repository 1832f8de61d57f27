import type { Metric } from './folders.ts'

export type StrictReading = { readonly score: number } | { readonly why: string }

/** Reads a score from JSON alone: a whole number of 1 to 5, the same wherever it is given. */
export function strictScore(answer: string, metric: Metric): StrictReading {
  const key = `${metric}_score`
  const values: unknown[] = []
  for (const [text] of answer.matchAll(/\{[^{}]*\}/g)) {
    try {
      const object = JSON.parse(text) as Readonly<Record<string, unknown>>
      if (Object.hasOwn(object, key)) values.push(object[key])
    } catch {
      // Braces in prose.
    }
  }
  if (values.length === 0) return { why: `no JSON with ${key}` }
  const scores = values.map((value) =>
    typeof value === 'string' && /^[1-5]$/.test(value.trim()) ? Number(value) : value,
  )
  const [score] = scores
  if (scores.some((other) => other !== score)) return { why: `${key} is given several times, and differs` }
  return strictNumber(score, key)
}

/** A score that an official file gives as a number. */
export function strictNumber(score: unknown, key: string): StrictReading {
  if (typeof score !== 'number' || !Number.isInteger(score) || score < 1 || score > 5) {
    return { why: `${key} is ${JSON.stringify(score)}, not a whole number of 1 to 5` }
  }
  return { score }
}
