import type { BenchmarkReference } from '@dda-thinker/plugin-api'

/** Leaderboard of the official repository; per cent: reasoning, consistency, readability, accuracy. */
const LEADERBOARD: readonly (readonly [string, number, number, number, number])[] = [
  ['GPT-Image-2', 82.2, 94.4, 98.8, 56.0],
  ['Nano Banana Pro', 77.5, 89.5, 95.8, 46.2],
  ['Nano Banana 2', 72.6, 86.4, 95.9, 39.6],
  ['Seedream 5.0', 64.1, 87.5, 90.6, 24.7],
  ['GPT-Image-1.5', 54.5, 82.3, 90.7, 16.0],
  ['FLUX.2 Max', 47.8, 67.2, 68.6, 11.9],
  ['Nano Banana', 42.2, 75.1, 82.0, 9.0],
  ['Seedream 4.5', 41.3, 55.6, 82.1, 6.9],
  ['GPT-Image-1.0', 44.0, 65.2, 82.3, 6.0],
  ['FLUX.2 Pro', 38.9, 55.5, 70.3, 4.4],
  ['Seedream 4.0', 32.4, 53.2, 77.0, 3.1],
  ['Qwen-Edit-2511', 18.6, 45.2, 52.1, 2.7],
  ['Step-1x (think+reflect)', 19.2, 57.2, 66.9, 2.3],
  ['Step-1x (think)', 17.6, 56.3, 68.2, 1.4],
  ['DreamOmni', 17.4, 83.2, 89.1, 1.0],
  ['Step-1x', 17.3, 52.8, 63.7, 1.0],
  ['Bagel', 15.2, 58.6, 69.8, 0.6],
  ['Bagel (think)', 15.6, 54.8, 67.8, 0.2],
  ['ICEdit', 9.8, 33.2, 56.5, 0.2],
  ['FLUX.2 dev', 11.3, 17.6, 49.6, 0.2],
  ['OmniGen', 9.7, 33.6, 51.6, 0.0],
]

export const REFERENCES: readonly BenchmarkReference[] = LEADERBOARD.map(
  ([name, reasoning, consistency, readability, accuracy]) => ({
    name,
    figures: { 'full set': { reasoning, consistency, readability, accuracy: accuracy / 100 } },
    source: 'https://github.com/VisionXLab/GRADE (README, 23 April 2026)',
    judge: 'gemini-3-flash-preview',
    rules: { parser: 'official', denominator: 'released' },
    conditions: '520 items, formulas of sum.py, official prompts',
  }),
)
