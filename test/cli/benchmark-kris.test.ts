import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePng } from '@dda-thinker/testkit'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startStandIn as startEditor } from '../../plugins/editor-openai/src/stand-in-server.ts'
import { ddaJson, ensureBuilt, installPluginApi, startDda, temporaryFolder } from '../support/dda.ts'
import { heldFrom, startRatingServer, type Rated, type RatingAnswer } from '../support/rating-server.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const MODEL = 'judge-model'
const REFERENCE = 'viewpoint_change/1_gt.jpg'
const DATA = {
  color_change: { 1: { ori_img: '1.jpg', ins_en: 'Make it red.' }, 2: { ori_img: '2.jpg', ins_en: 'Make it blue.' } },
  viewpoint_change: { 1: { ori_img: '1.jpg', gt_img: '1_gt.jpg', ins_en: 'From the left.' } },
  chemistry: { 1: { ori_img: '1.jpg', ins_en: 'Add acid.', explain_en: 'Litmus turns red.' } },
}
/** Three calls an item. */
const QUESTIONS = 12

beforeAll(() => ensureBuilt())

const best = ({ text }: Rated) =>
  text.includes('knowledge_score')
    ? '{"instruction_score": 5, "knowledge_score": 5, "instruction_reasoning": "r", "knowledge_reasoning": "r"}'
    : JSON.stringify({ consistency_score: 5, quality_score: 5, instruction_score: 5, reasoning: 'r' })

function writeData(folder: string): void {
  let shade = 0
  for (const [name, annotation] of Object.entries(DATA)) {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'annotation.json'), JSON.stringify(annotation))
    for (const file of ['1.jpg', '2.jpg', '1_gt.jpg']) {
      shade += 20
      const value = shade
      writeFileSync(join(folder, name, file), makePng({ width: 8, height: 8, pixel: () => [value, 0, 0] }))
    }
  }
}

async function project(answer: RatingAnswer) {
  const [editor, judge] = [await startEditor(), await startRatingServer(MODEL, answer)]
  const dir = temporaryFolder()
  onTestFinished(async () => {
    await Promise.all([editor.close(), judge.close()])
    rmSync(dir, { recursive: true, force: true })
  })
  installPluginApi(dir)
  writeData(join(dir, 'kris'))
  const config = {
    thinker: { use: 'none' },
    editor: { use: 'openai', endpoints: [editor.url] },
    benchmark: [
      {
        use: 'kris',
        judge: { endpoints: [judge.url], model: MODEL, perEndpoint: 2, attempts: 2, retryDelaySeconds: 0 },
      },
    ],
  }
  // JSON is YAML.
  writeFileSync(join(dir, 'dda.config.yaml'), JSON.stringify(config))
  const args = ['benchmark', 'run', 'kris', '--data', 'kris', '--thinker', 'none']
  return { dir, editor, judge, args, run: (...more: readonly string[]) => ddaJson(dir, ...args, ...more) }
}

test('KRIS-Bench runs end to end, killed and resumed: official layout, reference pictures at the judge, nothing asked twice', async () => {
  const { answer, reached, letGo } = heldFrom(QUESTIONS / 2, best)
  const { dir, editor, judge, args, run } = await project(answer)
  const child = startDda(dir, args)
  await reached
  child.kill('SIGKILL')
  await once(child, 'exit')
  letGo()
  const [before, edits] = [judge.rated.length, editor.count]

  const { data } = await run()
  expect(data).toMatchObject({
    state: 'finished',
    benchmark: 'kris',
    primary: 'average',
    thinkers: { none: { edited: 4, n: 4, coverage: 1, missing: 0, unparsable: 0, problems: [] } },
  })
  expect(editor.count).toBe(edits)
  expect(judge.rated.length - before).toBeLessThanOrEqual(QUESTIONS - (before - 2))

  const { results, overall } = data.thinkers.none
  for (const [folder, annotation] of Object.entries(DATA)) {
    for (const id of Object.keys(annotation)) expect(existsSync(join(results, folder, `${id}.jpg`))).toBe(true)
    const metrics = JSON.parse(readFileSync(join(results, folder, 'metrics.json'), 'utf8'))
    expect(metrics['1']).toMatchObject({ consistency_score: 5, instruction_score: 5, quality_score: 5 })
  }
  const reference = readFileSync(join(dir, 'kris', REFERENCE))
  // The viewpoint's instruction call alone, however often the kill had it asked.
  const shown = judge.rated.filter(({ pictures }) => pictures.some((picture) => picture.equals(reference)))
  expect(new Set(shown.map(({ text }) => text)).size).toBe(1)

  const asked = judge.rated.length
  const score = ['benchmark', 'score', 'kris', '--data', 'kris', '--results', results]
  expect((await ddaJson(dir, ...score)).data.overall).toEqual(overall)
  const perSample = await run('--mean', 'per-sample')
  expect(perSample.data.thinkers.none.overall).toEqual(overall)
  expect(judge.rated).toHaveLength(asked)
})
