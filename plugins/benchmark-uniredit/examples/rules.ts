// Scores one set of judge answers, with what cannot be used left out or counted as not solved.
// From the repository's root, after `npm run build`: npx jiti plugins/benchmark-uniredit/examples/rules.ts
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unireditBenchmark, type UnireditOptions } from '@dda-thinker/benchmark-uniredit'

const say = (score: number | string) => `The picture shows it.\n**Final Score:** ${score}`

const data = [1, 2, 3].map((idx) => ({
  name: 'maze',
  idx,
  instruction: 'Draw the way out.',
  rules: 'Walls are black.',
  original_image_path: `${idx}.png`,
  reference_image_path: `${idx}_ref.png`,
}))
const answers = {
  'maze#1': { judge1: say(5), judge2: say(5), judge3: say(5) },
  'maze#2': { judge1: say(5), judge2: say('2.5'), judge3: say(4) },
  'maze#3': { judge1: say(5), judge2: 'It cannot be told.', judge3: say(5) },
}

await mkdir('results', { recursive: true })
await writeFile('data.json', JSON.stringify(data))
await writeFile(join('results', 'judge-answers.json'), JSON.stringify(answers))

for (const unusable of ['released', 'unsolved'] as const) {
  for (const parser of ['official', 'strict'] as const) {
    const options: UnireditOptions = { unusable, parser }
    const benchmark = unireditBenchmark(options)
    const items = await benchmark.load('data.json')
    const { rows, problems } = benchmark.score(items, await benchmark.readAnswers('results', items))
    const told = Object.entries(rows[0]?.figures ?? {}).map(([name, value]) => `${name} ${value?.toFixed(3) ?? '-'}`)
    console.log([unusable, parser, ...told, ...problems.map(({ item, why }) => `${item}: ${why}`)].join('  '))
  }
}
