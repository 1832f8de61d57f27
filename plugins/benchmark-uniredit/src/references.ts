import type { BenchmarkReference } from '@dda-thinker/plugin-api'

/** Overall, per cent. The paper's eight dimensions are groups of the eighteen names that the official script has rows for. */
const TABLE: readonly (readonly [string, number])[] = [
  ['UniREdit-Bagel', 78.15],
  ['GPT-4o', 73.39],
  ['Nano Banana', 68.26],
  ['Wan2.5', 61.36],
  ['Qwen-Image-Edit', 56.52],
  ['Seedream4.0', 55.77],
  ['UniWorld-V2', 54.87],
  ['DreamOmni2', 52.81],
  ['Bagel-Think', 50.96],
  ['Step1X-Edit', 50.15],
  ['Lumina-DiMOO', 48.54],
  ['FLUX-Kontext-Pro', 45.77],
  ['Omnigen2', 43.41],
  ['MagicBrush', 40.77],
]

export const REFERENCES: readonly BenchmarkReference[] = TABLE.map(([name, percentage]) => ({
  name,
  figures: { Overall: { percentage } },
  source: 'arXiv 2511.01295 (table 2, as on https://maplebb.github.io/UniREditBench)',
  judge: 'gpt-4.1-2025-04-14',
  rules: { parser: 'official', unusable: 'released' },
  conditions: '2,700 items, official prompts',
}))
