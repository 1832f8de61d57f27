import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canaryMetric } from '@dda-thinker/plugin-api'
import { expect, onTestFinished, test } from 'vitest'
import { earlierSteps } from './earlier-steps.ts'

async function runWith(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'dda-canary-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, 'metrics.jsonl'), text)
  return dir
}

const ASKED = canaryMetric('asked', 'a judge', 'empty')
const line = (step: number, asked: number | null) =>
  `${JSON.stringify({ step, metrics: { 'loss\u2028': 1, [ASKED]: asked } })}\n`
async function all(dir: string, step: number) {
  const found: Readonly<Record<string, number>>[] = []
  for await (const metrics of earlierSteps(dir, step)) found.push(metrics)
  return found
}
const asked = async (dir: string, step: number) => (await all(dir, step)).map((metrics) => metrics[ASKED])

test('what earlier steps counted is read, and a torn last line is none', async () => {
  const dir = await runWith(`${line(1, 2)}${line(2, null)}${line(3, 4)}{"step":4,"metrics":{"${ASKED}":9`)
  expect(await asked(dir, 9)).toEqual([2, undefined, 4])
  expect(await asked(dir, 3)).toEqual([2, undefined])
  expect(await asked(join(dir, 'nowhere'), 3)).toEqual([])
})

test.each(['{"step":2,"metrics":{"canary/', '[]', '{"step":"2","metrics":{}}', 'null'])(
  'a damaged line with counts is told with its place: %s',
  async (text) => {
    const dir = await runWith(`${line(1, 2)}${text} "canary/asked/x/empty"\n${line(3, 1)}`)
    await expect(all(dir, 9)).rejects.toMatchObject({
      code: 'DDA_CANARY_METRICS',
      location: join(dir, 'metrics.jsonl'),
      message: expect.stringContaining('Line 2'),
    })
  },
)
