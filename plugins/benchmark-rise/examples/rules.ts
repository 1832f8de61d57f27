// Scores one set of judge answers under every version of RISE-Bench's rules, and shows what each parser makes of it.
// From the repository's root, after `npm run build`: npx jiti plugins/benchmark-rise/examples/rules.ts
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { riseBenchmark, type RiseOptions } from '@dda-thinker/benchmark-rise'

const say = (score: number | string) => `The picture shows it.\n**Final Score:** ${score}`

const data = [
  { index: 'temporal_reasoning_1', category: 'temporal_reasoning', reference: 'A rotten banana.' },
  { index: 'temporal_reasoning_2', category: 'temporal_reasoning', reference: 'Snow.', consistency_free: true },
  { index: 'spatial_reasoning_1', category: 'spatial_reasoning', reference: 'Sorted by size.' },
  { index: 'logical_reasoning_1', category: 'logical_reasoning', reference_txt: 'Seven.' },
].map((entry) => ({ ...entry, instruction: 'Draw what it will look like.', image: `${entry.index}.png` }))

const answers = {
  temporal_reasoning_1: { judge1: say(4), judge2: say(5), judge3: say(5) },
  temporal_reasoning_2: { judge1: null, judge2: say(5), judge3: say(5) },
  spatial_reasoning_1: { judge1: say(5), judge2: say('4.5'), judge3: say(5) },
  logical_reasoning_1: { judge1: say(1), judge2: say(0) },
}

await mkdir('results', { recursive: true })
await writeFile('data_total.json', JSON.stringify(data))
await writeFile(join('results', 'judge-answers.json'), JSON.stringify(answers))

for (const rules of ['released-2026-04', 'before-2026-04'] as const) {
  for (const score of ['released', 'intended'] as const) {
    for (const parser of ['official', 'strict'] as const) {
      const options: RiseOptions = { rules, score, parser }
      const benchmark = riseBenchmark(options)
      const items = await benchmark.load('data_total.json')
      const { rows, problems } = benchmark.score(items, await benchmark.readAnswers('results', items))
      const figures = rows[0]?.figures ?? {}
      const told = Object.entries(figures).map(([name, value]) => `${name} ${value?.toFixed(3) ?? '-'}`)
      console.log([rules, score, parser, ...told, ...problems.map(({ why }) => why)].join('  '))
    }
  }
}
