// Scores one set of judge answers under both denominators and parsers.
// From the repository's root, after `npm run build`: npx jiti plugins/benchmark-grade/examples/rules.ts
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gradeBenchmark, type GradeOptions } from '@dda-thinker/benchmark-grade'

const data = ['eco_1', 'board_1', 'math_1'].map((task) => ({
  task_id: task,
  text: 'Shift the curve to the right.',
  image_path: `${task}.png`,
  editing_path: `edited/${task}.png`,
  gt: `${task}_gt.png`,
  consistency: task === 'board_1' ? 'none' : 'overall',
  questions: [
    { id: 1, question: 'Is the curve further right?', score: 0.6 },
    { id: 2, question: 'Is it labelled?', score: 0.4 },
  ],
}))
const said = (...given: readonly string[]) =>
  JSON.stringify(given.map((answer) => ({ question: 'q', answer, reason: 'r' })))
const score = (value: number) => JSON.stringify({ Instruction: 'i', 'Final Score': value, Reason: 'r' })
const answers = {
  eco_1: { reasoning: said('Yes', 'Yes'), consistency: score(2), readability: score(2) },
  board_1: { reasoning: said('Yes, in part'), consistency: null, readability: score(1) },
  math_1: { reasoning: 'It cannot be told.', consistency: score(1), readability: score(2) },
}

await mkdir('results', { recursive: true })
await writeFile('result.json', JSON.stringify(data))
await writeFile(join('results', 'judge-answers.json'), JSON.stringify(answers))

for (const denominator of ['released', 'all'] as const) {
  for (const parser of ['official', 'strict'] as const) {
    const options: GradeOptions = { denominator, parser }
    const benchmark = gradeBenchmark(options)
    const items = await benchmark.load('result.json')
    const { rows, problems } = benchmark.score(items, await benchmark.readAnswers('results', items))
    const told = Object.entries(rows[0]?.figures ?? {}).map(([name, value]) => `${name} ${value?.toFixed(3) ?? '-'}`)
    console.log([denominator, parser, ...told, ...problems.map(({ item, why }) => `${item}: ${why}`)].join('  '))
  }
}
