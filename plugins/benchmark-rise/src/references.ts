import type { BenchmarkReference } from '@dda-thinker/plugin-api'

type Origin = Omit<BenchmarkReference, 'name' | 'figures'>

const CATEGORIES = ['Temporal', 'Causal', 'Spatial', 'Logical', 'Overall'] as const
const DIMENSIONS = ['Overall_Reasoning', 'Overall_ApprConsistency', 'Overall_VisualPlausibility_total'] as const

const REPOSITORY: Origin = {
  source: 'https://github.com/PhoenixZ810/RISEBench (README, 18 May 2026)',
  judge: 'gpt-4.1-2025-04-14',
  rules: { rules: 'released-2026-04' },
  conditions: '360 items, official prompts; run again by its authors after the rule changed',
}
const UNIFIED_THINKER: Origin = {
  source: 'arXiv 2601.03127 (Unified-Thinker)',
  rules: { rules: 'before-2026-04' },
  conditions: 'judge not said here; under Qwen-Image-Edit-2509',
}
const EDIT_THINKER: Origin = {
  source: 'arXiv 2512.05965 (EditThinker)',
  rules: { rules: 'before-2026-04' },
  conditions: 'judge not said here; under Qwen-Image-Edit',
}
const DARS: Origin = {
  source: 'DARS (KlingAI, 2026; its table of RISE-Bench)',
  judge: 'GPT-4.1',
  rules: {},
  conditions: 'rules not said; some of its accuracies are no whole number of items',
}
const NOTES: Origin = {
  source: 'notes of RISEvolve, June 2026, about arXiv 2604.25477',
  rules: {},
  conditions: 'second hand; judge and rules not said, but its row without a Thinker equals the official one',
}

/** Per cent: accuracy by category and overall, then the percentages of the dimensions. */
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

const PAPERS: readonly (readonly [Origin, string, number])[] = [
  [NOTES, 'Qwen-Image-Edit-2511 + DDA-Thinker 8B', 31.9],
  [UNIFIED_THINKER, 'Qwen-Image-Edit-2509', 8.9],
  [UNIFIED_THINKER, 'Qwen-Image-Edit-2509 + Unified-Thinker 7B', 24.2],
  [UNIFIED_THINKER, 'Qwen-Image-Edit-2509 + Unified-Thinker 8B', 28.9],
  [EDIT_THINKER, 'Qwen-Image-Edit + EditThinker 8B', 17.8],
  [DARS, 'Qwen-Image-Edit-2511', 17.5],
  [DARS, 'Qwen-Image-Edit-2511 + PromptEnhancer V2 32B', 18.9],
  [DARS, 'EditThinker', 18.33],
  [DARS, 'Qwen-Image-Edit-2511 + DARS', 27.5],
]

/** Published figures, of the official repository and of papers. */
export const REFERENCES: readonly BenchmarkReference[] = [
  ...LEADERBOARD.map(([name, ...values]) => fullRow(name, values, REPOSITORY)),
  fullRow('Qwen-Image-Edit-2511 + DDA-Thinker 32B', [45.9, 50.0, 47.0, 15.3, 40.0], NOTES),
  ...PAPERS.map(([origin, name, overall]) => ({ name, figures: { Overall: { accuracy: overall / 100 } }, ...origin })),
]

function fullRow(name: string, values: readonly number[], origin: Origin): BenchmarkReference {
  const named = (rows: readonly string[], from: number, figure: string, scale: number) =>
    rows.flatMap((row, at) => {
      const value = values[from + at]
      return value === undefined ? [] : [[row, { [figure]: value / scale }] as const]
    })
  const figures = [...named(CATEGORIES, 0, 'accuracy', 100), ...named(DIMENSIONS, CATEGORIES.length, 'percentage', 1)]
  return { name, figures: Object.fromEntries(figures), ...origin }
}
