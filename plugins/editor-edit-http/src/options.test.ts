import { testPluginOptions } from '@dda-thinker/testkit'
import { test } from 'vitest'
import plugin from './index.ts'

const endpoints = ['http://gpu-1:8003']
const model = 'Qwen-Image-Edit'

testPluginOptions(test, plugin, {
  valid: [
    { options: { endpoints, model } },
    {
      options: {
        endpoints: ['http://gpu-1:8003', 'http://gpu-2:8003/'],
        model: 'FLUX.1-Kontext-dev@2025-06',
        params: { num_inference_steps: 28, guidance_scale: 2.5, enhance_prompt: null },
        rename: { num_inference_steps: 'steps', guidance_scale: 'guidance' },
        health: false,
      },
    },
  ],
  invalid: [
    { options: { endpoints }, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { endpoints, model, steps: 4 }, code: 'DDA_CONFIG_INVALID', at: 'steps' },
    { options: { endpoints, model, perEndpoint: 0 }, code: 'DDA_CONFIG_INVALID', at: 'perEndpoint' },
    { options: { endpoints: ['gpu-1'], model }, code: 'DDA_ENDPOINT_URL' },
    { options: { endpoints, model, params: { image: 'x' } }, code: 'DDA_EDITOR_PARAM' },
    { options: { endpoints, model, params: { enhance_prompt: true } }, code: 'DDA_EDITOR_PARAM' },
    { options: { endpoints, model, params: { steps: 1 }, rename: { steps: 'seed' } }, code: 'DDA_EDITOR_PARAM' },
  ],
})
