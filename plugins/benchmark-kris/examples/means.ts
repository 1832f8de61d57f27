// The same scores pooled, as the official summary has it, and per sample, as lmms-eval has it.
// From the repository's root, after `npm run build`: npx jiti plugins/benchmark-kris/examples/means.ts
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { krisBenchmark } from '@dda-thinker/benchmark-kris'

const scores: Readonly<Record<string, readonly Record<string, number | null>[]>> = {
  color_change: [
    { consistency_score: 5, quality_score: 4, instruction_score: 5 },
    { consistency_score: 2, quality_score: 3, instruction_score: null },
  ],
  chemistry: [{ consistency_score: 5, quality_score: 5, instruction_score: 2, knowledge_score: 1 }],
}

for (const [folder, entries] of Object.entries(scores)) {
  const byId = (value: (entry: (typeof entries)[number], at: number) => unknown) =>
    JSON.stringify(Object.fromEntries(entries.map((entry, at) => [String(at + 1), value(entry, at)])))
  await mkdir(join('data', folder), { recursive: true })
  await mkdir(join('results', folder), { recursive: true })
  const annotation = (_: unknown, at: number) => ({ ori_img: `${at + 1}.jpg`, ins_en: 'Change it.', explain_en: '' })
  await writeFile(join('data', folder, 'annotation.json'), byId(annotation))
  await writeFile(
    join('results', folder, 'metrics.json'),
    byId((entry) => entry),
  )
}

for (const mean of ['pooled', 'per-sample'] as const) {
  const benchmark = krisBenchmark({ mean, parser: 'official' })
  const items = await benchmark.load('data')
  const { rows, problems } = benchmark.score(items, await benchmark.readAnswers('results', items))
  for (const { name, n, measured, figures } of rows.filter(({ n }) => n > 0)) {
    console.log(
      `${mean.padEnd(12)}${name.padEnd(24)}${(figures['average'] ?? 0).toFixed(2).padStart(8)}  ${measured} of ${n}`,
    )
  }
  console.log(problems.map(({ item, question, problem }) => `${item} ${question}: ${problem}`).join('\n'))
}
