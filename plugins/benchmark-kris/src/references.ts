import type { BenchmarkReference } from '@dda-thinker/plugin-api'

type Origin = Omit<BenchmarkReference, 'name' | 'figures'>

const SAIR: Origin = {
  source: 'SAIR (its table of KRIS-Bench)',
  rules: { mean: 'pooled' },
  conditions: 'judge not said here',
}
const DARS: Origin = {
  source: 'DARS (KlingAI, 2026; its table of KRIS-Bench)',
  judge: 'GPT-4.1',
  rules: { mean: 'pooled' },
  conditions: 'the official judge is another model',
}
const NOTES: Origin = {
  source: 'notes of RISEvolve, June 2026, about arXiv 2604.25477',
  rules: {},
  conditions: 'second hand; judge and mean not said',
}

const rowOf = (
  name: string,
  [factual, conceptual, procedural, average]: readonly [number, number, number, number],
  origin: Origin,
): BenchmarkReference => ({
  name,
  figures: {
    'Factual Knowledge': { average: factual },
    'Conceptual Knowledge': { average: conceptual },
    'Procedural Knowledge': { average: procedural },
    Overall: { average },
  },
  ...origin,
})

/** Published numbers. Those of different papers were judged differently and do not belong in one ranking. */
export const REFERENCES: readonly BenchmarkReference[] = [
  rowOf('DARS', [80.75, 81.62, 78.89, 80.72], DARS),
  rowOf('EditThinker', [74.54, 68.89, 61.26, 68.8], DARS),
  rowOf('GPT-4o', [79.8, 81.37, 78.32, 80.09], SAIR),
  rowOf('Doubao', [78.1, 76.86, 76.93, 77.31], SAIR),
  rowOf('Gemini 2.5 Flash', [77.03, 78.29, 75.93, 77.29], SAIR),
  rowOf('BAGEL-think', [66.18, 61.92, 49.02, 60.18], SAIR),
  { name: 'DDA-Thinker 32B', figures: { Overall: { average: 79.94 } }, ...NOTES },
  { name: 'DDA-Thinker 8B', figures: { Overall: { average: 76.99 } }, ...NOTES },
  { name: 'Qwen-Image-Edit-2511', figures: { Overall: { average: 67.14 } }, ...NOTES },
]
