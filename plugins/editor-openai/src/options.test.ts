import { testPluginOptions } from '@dda-thinker/testkit'
import { test } from 'vitest'
import plugin from './index.ts'

const endpoints = ['http://gpu-1:8000/v1']

testPluginOptions(test, plugin, {
  valid: [
    { options: { endpoints, headers: { 'HTTP-Referer': 'https://lab.example', cookie: { env: 'COOKIE' } } } },
    {
      options: {
        endpoints,
        dialect: 'sglang',
        params: { num_inference_steps: 8, quality: 90, my_own_knob: 1 },
        rename: { my_own_knob: 'my_own_knob' },
      },
    },
    { options: { endpoints, params: { my_own_knob: 1 } } },
    { options: { endpoints, dialect: 'litellm', params: { num_inference_steps: 8 } } },
    { options: { endpoints, dialect: 'vllm-omni', params: { stepz: 8 }, rename: { stepz: 'num_inference_steps' } } },
    { options: { endpoints } },
    { options: { endpoints, dialect: 'openai', model: 'gpt-image-1', apiKeyEnv: 'OPENAI_API_KEY', size: 'auto' } },
    {
      name: 'a lab server with a vocabulary of its own',
      options: {
        endpoints: ['http://gpu-1:8000/v1', 'https://gpu-2/v1/'],
        params: { num_inference_steps: 28, guidance_scale: 2.5, negative_prompt: '', response_format: null },
        rename: { num_inference_steps: 'steps', guidance_scale: 'guidance', image: 'file' },
        imageField: 'image',
        size: '1024x768',
      },
    },
    { options: { endpoints, dialect: 'sglang', params: { enhance_prompt: false }, price: { perEdit: 0.04 } } },
  ],
  invalid: [
    {
      name: 'a slip that vLLM-Omni would ignore',
      options: { endpoints, dialect: 'vllm-omni', params: { num_inference_step: 28 } },
      code: 'DDA_EDITOR_PARAM',
    },
    {
      name: 'a slip that SGLang would ignore',
      options: { endpoints, dialect: 'sglang', params: { 'Guidance-Scale': 2 } },
      code: 'DDA_EDITOR_PARAM',
    },
    {
      name: 'a slip that LiteLLM would ignore',
      options: { endpoints, dialect: 'litellm', params: { qualty: 'high' } },
      code: 'DDA_EDITOR_PARAM',
    },
    ...['vllm-omni', 'sglang', 'litellm'].map((dialect) => ({
      name: `a field that ${dialect} does not have at all`,
      options: { endpoints, dialect, params: { my_own_knob: 1 } },
      code: 'DDA_EDITOR_PARAM',
    })),
    { options: { endpoints, headers: { Authorization: 'Basic abc' } }, code: 'DDA_ENDPOINT_HEADER' },
    { options: { endpoints, headers: { 'x-token': 'abc' } }, code: 'DDA_ENDPOINT_HEADER' },
    { options: { endpoints, headers: { Host: 'gpu-2' } }, code: 'DDA_ENDPOINT_HEADER' },
    { options: { endpoints, headers: { 'x-a': 'a\nb: c' } }, code: 'DDA_ENDPOINT_HEADER' },
    {
      options: { endpoints, apiKeyEnv: 'K', apiKeyHeader: 'X-Key', headers: { 'x-key': { env: 'L' } } },
      code: 'DDA_ENDPOINT_HEADER',
    },
    { options: {}, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { endpoints: [] }, code: 'DDA_CONFIG_INVALID', at: 'endpoints' },
    { options: { endpoints, apiKey: 'sk-1' }, code: 'DDA_CONFIG_INVALID', at: 'apiKey' },
    { options: { endpoints, apiKeyEnv: 'sk-1 2' }, code: 'DDA_CONFIG_INVALID', at: 'apiKeyEnv' },
    { options: { endpoints, size: 'big' }, code: 'DDA_CONFIG_INVALID', at: 'size' },
    { options: { endpoints: ['gpu-1:8000/v1'] }, code: 'DDA_ENDPOINT_URL' },
    { options: { endpoints: ['http://me:secret@gpu-1/v1'] }, code: 'DDA_ENDPOINT_URL' },
    { options: { endpoints, params: { prompt: 'always this' } }, code: 'DDA_EDITOR_PARAM' },
    { options: { endpoints, params: { seed: 3 } }, code: 'DDA_EDITOR_PARAM' },
    { options: { endpoints, params: { enhance_prompt: true } }, code: 'DDA_EDITOR_PARAM' },
    { options: { endpoints, params: { a: 1, b: 2 }, rename: { a: 'b' } }, code: 'DDA_EDITOR_PARAM' },
    { options: { endpoints, params: { a: 1 }, rename: { a: 'prompt' } }, code: 'DDA_EDITOR_PARAM' },
  ],
})
