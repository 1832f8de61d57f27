import type { ChecklistItem, ImageStore } from '@dda-thinker/plugin-api'
import { type JudgeCase, judgeSuite, makeItem, makePng, testPluginOptions } from '@dda-thinker/testkit'
import { describe, test } from 'vitest'
import plugin, { onnxJudge } from './index.ts'
import { PLAIN, writeModel } from './tiny-model.fixture.ts'

const file = await writeModel()
const kept: ChecklistItem = makeItem('kept', 'visual', { check: { kind: 'ssim', min: 0.99, ignore: [[0, 0, 0.5, 1]] } })
const changed: ChecklistItem = makeItem('changed', 'visual', { check: { kind: 'psnr', max: 40 } })
const alike: ChecklistItem = makeItem('alike', 'visual', { check: { kind: 'similarity', min: 0.999 } })
const other: ChecklistItem = makeItem('rotten', 'visual')

const cases =
  (items: readonly ChecklistItem[]) =>
  async (images: ImageStore): Promise<readonly JudgeCase[]> => {
    const pixel = (x: number, y: number) => [(x * 40) % 256, (y * 40) % 256, (x * y) % 256] as const
    const source = await images.put(makePng({ width: 48, height: 24, pixel }))
    const edited = await images.put(
      makePng({ width: 48, height: 24, pixel: (x, y) => (x < 20 ? [255, 0, 0] : pixel(x, y)) }),
    )
    const asked = (one: typeof source) => ({ scope: 'visual', source: [source], edited: one, items }) as const
    const has = (item: ChecklistItem) => items.includes(item)
    return [
      { request: asked(edited), answers: { kept: 'yes', changed: 'yes', ...(has(alike) ? { alike: 'no' } : {}) } },
      { request: asked(source), answers: { kept: 'yes', changed: 'no', ...(has(alike) ? { alike: 'yes' } : {}) } },
    ]
  }

describe('without a model', () => {
  judgeSuite({ test, factory: () => onnxJudge(), cases: cases([kept, changed, other]) })
})

describe('with a model', () => {
  judgeSuite({
    test,
    factory: () => onnxJudge({ models: { tiny: { file, ...PLAIN } } }),
    cases: cases([kept, alike, changed]),
  })
})

const model = { file: 'clip.onnx' }
testPluginOptions(test, plugin, {
  valid: [
    { options: {} },
    { options: { models: { clip: model, dino: { ...model, preset: 'dino', pool: 'mean' } } } },
    { options: { thresholds: { ssim: { min: 0.9 } }, questions: [{ match: 'unchanged', check: { kind: 'ssim' } }] } },
  ],
  invalid: [
    { options: { models: { clip: {} } }, code: 'DDA_CONFIG_INVALID', at: 'models.clip' },
    { options: { models: { clip: { ...model, fit: 'squeeze' } } }, code: 'DDA_CONFIG_INVALID', at: 'models.clip.fit' },
    { options: { thresholds: { lpips: { max: 0.1 } } }, code: 'DDA_JUDGE_ONNX_OPTIONS' },
    { options: { questions: [{ match: '(', check: { kind: 'ssim', min: 1 } }] }, code: 'DDA_JUDGE_ONNX_OPTIONS' },
    { options: { questions: [{ match: 'x', check: { kind: 'ssim' } }] }, code: 'DDA_JUDGE_CHECK' },
    { options: { questions: [{ match: 'x', check: { kind: 'lpips', max: 1 } }] }, code: 'DDA_JUDGE_CHECK' },
    {
      options: { questions: [{ match: 'x', check: { kind: 'similarity', min: 0.9 } }] },
      code: 'DDA_JUDGE_ONNX_OPTIONS',
    },
    { options: { threads: 0 }, code: 'DDA_CONFIG_INVALID', at: 'threads' },
  ],
})
