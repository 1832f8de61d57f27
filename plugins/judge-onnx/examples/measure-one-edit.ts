// Measures what an edit left alone, and prints the verdicts. Without files it draws a source and an edit of its left half.
// From the repository's root, after `npm run build`:
//   npx jiti plugins/judge-onnx/examples/measure-one-edit.ts [--source a.png --edited b.png] [--ignore 0,0,0.5,1]
//     [--model clip-vision.onnx --preset clip]
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { ChecklistItem, JudgeRequest } from '@dda-thinker/plugin-api'
import { onnxJudge } from '@dda-thinker/judge-onnx'
import { makeContext, makePng, type Rgb } from '@dda-thinker/testkit'

const { values } = parseArgs({
  options: {
    source: { type: 'string' },
    edited: { type: 'string' },
    /** x, y, width and height of what may change, as fractions. */
    ignore: { type: 'string', default: '0,0,0.5,1' },
    model: { type: 'string' },
    preset: { type: 'string', default: 'clip' },
  },
})

const context = makeContext({ log: { debug: console.log, info: console.log, warn: console.warn } })
const table = (x: number, y: number): Rgb => [150 + 20 * Math.sin(x / 3), 110 + 15 * Math.cos(y / 5), 80]
const picture = async (path: string | undefined, pixel: (x: number, y: number) => Rgb) =>
  context.images.put(path === undefined ? makePng({ width: 128, height: 96, pixel }) : await readFile(path))

const ignore = [values.ignore.split(',').map(Number)]
const checks: readonly (readonly [string, NonNullable<ChecklistItem['check']>])[] = [
  ['Is everything outside the box as it was?', { kind: 'ssim', min: 0.95, ignore }],
  ['Are its pixels as they were?', { kind: 'psnr', min: 35, ignore }],
  ['Did anything change at all?', { kind: 'psnr', max: 40 }],
  ...(values.model === undefined
    ? []
    : ([
        ['Is it still the same scene?', { kind: 'similarity', min: 0.8 }],
        ['Does what is outside the box still look the same?', { kind: 'preservation', min: 0.95, ignore }],
      ] as const)),
]

const judge = onnxJudge(
  values.model === undefined
    ? {}
    : { models: { mine: { file: values.model, preset: values.preset === 'dino' ? 'dino' : 'clip' } } },
)
await judge.open?.(context)
try {
  const request: JudgeRequest = {
    scope: 'visual',
    source: [await picture(values.source, table)],
    edited: await picture(values.edited, (x, y) => (x < 60 ? [90, 140, 60] : table(x, y))),
    items: checks.map(([question, check], i) => ({
      id: `item-${i + 1}`,
      scope: 'visual',
      question,
      expected: 'yes',
      check,
    })),
  }
  console.log(`fingerprint: ${judge.fingerprint}`)
  const verdicts = await judge.judge(request, { signal: context.signal })
  for (const [i, { answer, reason = '' }] of verdicts.entries()) {
    console.log(`${answer.padEnd(6)} ${request.items[i]?.question}  (${reason})`)
  }
} finally {
  await judge.close?.()
}
