import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePng } from '@dda-thinker/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { loadPrompts } from '../packages/benchmark-kit/src/prompts.ts'
import { writeRiseData } from '../plugins/benchmark-rise/src/rise.fixture.ts'
import { tinyProject } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const { dir, remove } = tinyProject()

beforeAll(async () => {
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'eval', '--thinker', 'none', '--name', 'first')
  writeFileSync(join(dir, 'small.png'), makePng({ width: 16, height: 16 }))
})
afterAll(remove)

/** Sparse: takes no room, and would take more memory than a process may have. */
function large(...path: string[]): void {
  const file = join(dir, ...path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, '')
  truncateSync(file, 3 * 2 ** 30)
}

const edit = ['edit', 'small.png', 'show grass', '--thinker', 'none'] as const
const ONNX = '{use: onnx, threads: 1, microBatch: 8, miniBatch: 8'

test.each<[string, string, readonly string[], string]>([
  ['a picture', 'big.png', ['edit', 'big.png', 'show grass'], 'DDA_USAGE_IMAGE'],
  ['a checklist', 'list.yaml', [...edit, '--checklist', 'list.yaml'], 'DDA_CHECKLIST_INVALID'],
  ['checklists by sample', 'lists.jsonl', ['rejudge', 'first', '--checklist', 'lists.jsonl'], 'DDA_DATA_CORRUPT'],
  [
    'weights',
    'w.safetensors',
    ['train', '--set', `trainer=${ONNX}, weights: ./w.safetensors}`],
    'DDA_WEIGHTS_MISMATCH',
  ],
  ['a vocabulary', 'v.json', ['train', '--set', `trainer=${ONNX}, vocabulary: ./v.json}`], 'DDA_VOCABULARY_INVALID'],
  [
    'a workflow',
    'w.json',
    [
      'config',
      'check',
      '--set',
      'editor={use: comfyui, endpoints: ["http://127.0.0.1:9"], workflow: ./w.json, slots: {image: 1.inputs.image, prompt: 2.inputs.text}}',
    ],
    'DDA_EDITOR_WORKFLOW',
  ],
  ['pictures with sidecars', 'pairs/a.txt', ['data', 'import', 'pairs'], 'DDA_DATASET_FILE'],
])('%s of 3 GiB is refused with a code, before it takes memory', async (_what, file, command, code) => {
  large(...file.split('/'))
  if (file.startsWith('pairs/')) copyFileSync(join(dir, 'small.png'), join(dir, 'pairs/a.png'))
  const before = process.memoryUsage().rss
  const { error, exitCode } = await ddaHere(dir, ...command)
  expect(error, JSON.stringify(error)).toMatchObject({ code, next: expect.any(String) })
  expect(exitCode).toBeGreaterThan(0)
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30)
})

test('so are the official files of a benchmark, and its prompts', async () => {
  const data = join(dir, 'rise')
  await writeRiseData(data)
  large('results', 'answers.json')
  large('results.pkl')
  mkdirSync(join(dir, 'prompts'))
  large('prompts', 'consistency.md')
  const score = ['benchmark', 'score', 'rise', '--data', 'rise', '--results']
  expect((await ddaHere(dir, ...score, 'results/answers.json')).error).toMatchObject({ code: 'DDA_BENCHMARK_RESULTS' })
  expect((await ddaHere(dir, ...score, 'results.pkl')).error).toMatchObject({ code: 'DDA_BENCHMARK_RESULTS' })
  large('other.json')
  const other = ['benchmark', 'score', 'rise', '--data', 'other.json', '--results', 'results.pkl']
  expect((await ddaHere(dir, ...other)).error).toMatchObject({ code: 'DDA_BENCHMARK_DATA' })
  await expect(loadPrompts({ consistency: '' }, join(dir, 'prompts'))).rejects.toMatchObject({
    code: 'DDA_BENCHMARK_PROMPTS',
  })
})
