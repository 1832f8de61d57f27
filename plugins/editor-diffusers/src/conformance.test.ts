import { WarmWorkers } from '@dda-thinker/python-worker'
import { editorSuite, testPluginOptions, type EditorSuiteOptions } from '@dda-thinker/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import plugin, { diffusersEditor } from './index.ts'
import { buildPipeline, KONTEXT, picture, python, TINY, withoutPython } from './worker.fixture.ts'

// The machine may be busy, and every check loads a pipeline.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const suite: Pick<EditorSuiteOptions, 'test' | 'requests' | 'decode'> = {
  test,
  requests: (images) =>
    Promise.all(
      ['Let it rot.', 'Paint the apple blue; change nothing else.', 'Turn it around.'].map(async (plan, i) => ({
        images: [await images.put(picture(i, i === 2 ? 48 : 64))],
        plan,
        seed: 7 + i,
      })),
    ),
  decode: async (bytes) => {
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
    return { width: info.width, data }
  },
}

describe.skipIf(python === undefined)(`the Editor suite on the CPU${withoutPython}`, () => {
  const warm = new WarmWorkers()
  beforeAll(() => {
    buildPipeline('instruct-pix2pix')
    buildPipeline('kontext')
  })
  afterAll(() => warm.closeAll())

  describe('InstructPix2Pix, one at a time, bit by bit', () => {
    const factory = () =>
      diffusersEditor({ ...TINY, batch: 1, determinism: 'bitwise', promptLimit: 70 }, { connect: warm.connect })
    editorSuite({ ...suite, factory })
  })

  describe('FLUX.1 Kontext, in batches', () => {
    editorSuite({ ...suite, factory: () => diffusersEditor({ ...KONTEXT, batch: 3 }, { connect: warm.connect }) })
  })
})

testPluginOptions(test, plugin, {
  valid: [
    { options: { model: 'black-forest-labs/FLUX.1-Kontext-dev' } },
    {
      options: {
        model: './model',
        pipeline: 'QwenImageEditPipeline',
        params: { true_cfg_scale: 4, negative_prompt: ' ' },
      },
    },
    { options: { model: 'x/y', batch: 1, determinism: 'bitwise', offload: 'model', deadline: { edit: 60 } } },
  ],
  invalid: [
    { options: {}, code: 'DDA_CONFIG_INVALID' },
    { options: { model: 'x/y', steps: 4 }, code: 'DDA_CONFIG_INVALID' },
    { options: { model: 'x/y', dtype: 'int8' }, code: 'DDA_CONFIG_INVALID', at: 'dtype' },
    { options: { model: 'x/y', batch: 4, determinism: 'bitwise' }, code: 'DDA_CONFIG_INVALID' },
  ],
})
