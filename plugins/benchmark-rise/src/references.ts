import type { BenchmarkReference } from '@dda-thinker/plugin-api'

const NAMES = [
  'temporal',
  'causal',
  'spatial',
  'logical',
  'accuracy',
  'reasoning',
  'consistency',
  'plausibility',
] as const

/** Leaderboard of the official repository after its results were run again with the rule of April 2026; per cent. */
const LEADERBOARD: readonly (readonly [string, ...number[]])[] = [
  ['GPT-Image-1.5', 57.6, 62.2, 62.0, 21.2, 51.4, 69.7, 92.5, 94.9],
  ['GPT-Image-2', 45.9, 66.7, 50.0, 34.1, 49.4, 73.8, 89.3, 94.9],
  ['Gemini-3-pro-image', 43.5, 63.3, 48.0, 37.6, 48.3, 77.0, 85.5, 94.4],
  ['Gemini-2.5-Flash-Image', 29.4, 48.9, 37.0, 18.8, 33.9, 61.2, 86.0, 91.3],
  ['GPT-Image-1', 36.5, 34.4, 37.0, 10.6, 30.0, 62.8, 80.2, 94.9],
  ['GPT-Image-1-mini', 25.9, 31.1, 33.0, 9.4, 25.3, 54.1, 71.5, 93.7],
  ['Qwen-Image-Edit-2511', 21.2, 18.9, 31.0, 4.7, 19.4, 49.9, 71.0, 91.5],
  ['BAGEL w/ CoT', 11.8, 27.8, 21.0, 1.2, 15.8, 47.6, 75.6, 81.7],
  ['Gemini-2.0-Flash-exp', 9.4, 16.7, 23.0, 4.7, 13.9, 48.9, 68.2, 82.7],
  ['Seedream-4.0', 17.6, 13.3, 11.0, 7.1, 12.2, 58.9, 67.4, 91.2],
  ['Qwen-Image-Edit-2509', 4.7, 11.1, 17.0, 2.4, 9.2, 37.2, 66.4, 86.9],
  ['BAGEL', 3.5, 4.4, 14.0, 0.0, 5.8, 36.4, 58.7, 72.0],
  ['FLUX.1-Kontext-dev', 2.3, 5.5, 13.0, 1.2, 5.8, 26.0, 71.6, 85.2],
  ['Step1X-Edit', 0.0, 2.2, 2.0, 3.5, 1.9, 25.1, 41.5, 73.5],
]

export const REFERENCES: readonly BenchmarkReference[] = LEADERBOARD.map(([name, ...values]) => ({
  name,
  figures: Object.fromEntries(NAMES.map((figure, at) => [figure, values[at] ?? Number.NaN])),
  source: 'https://github.com/PhoenixZ810/RISEBench (README, 18 May 2026)',
  conditions: '360 items, judge gpt-4.1-2025-04-14, accuracy rule released-2026-04, official prompts; per cent',
}))
