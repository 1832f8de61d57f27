import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { EDITOR, type Editor, type PluginApi, withDefaults } from '@dda-thinker/plugin-api'
import { makeContext, testPluginOptions, withRole } from '@dda-thinker/testkit'
import { afterAll, expect, test } from 'vitest'
import plugin, { comfyEditor, type EditorOptions } from './index.ts'
import { options } from './options.ts'
import { SLOTS, WORKFLOW } from './workflow.fixture.ts'

const endpoints = ['http://gpu-1:8188']
const folder = mkdtempSync(join(tmpdir(), 'dda-comfy-options-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const workflow = join(folder, 'edit.json')
const node = (class_type: string, ...inputs: readonly string[]): object => ({
  class_type,
  inputs: Object.fromEntries(inputs.map((input) => [input, 1])),
})
writeFileSync(
  workflow,
  JSON.stringify({
    '1': node('LoadImage', 'image'),
    '12:3': node('LoadImage', 'image'),
    '5': node('TextEncode', 'prompt'),
    '7': node('EmptyLatent', 'width', 'height'),
    '8': node('KSampler', 'seed', 'steps', 'sampler_name', 'add_noise'),
    '10': node('SaveImage', 'filename_prefix'),
  }),
)
const slots = { image: '1.inputs.image', prompt: '5.inputs.prompt', seed: '8.inputs.seed' }

testPluginOptions(test, plugin, {
  valid: [
    { options: { endpoints, workflow, slots } },
    {
      name: 'everything',
      options: {
        endpoints: ['http://gpu-1:8188/api', 'https://gpu-2'],
        apiKeyEnv: 'COMFY_KEY',
        workflow,
        slots: {
          image: ['1.inputs.image', '12:3.inputs.image'],
          prompt: '5.inputs.prompt',
          width: '7.inputs.width',
          height: '7.inputs.height',
        },
        output: '10',
        params: { '8.inputs.steps': 8, '8.inputs.sampler_name': 'euler', '8.inputs.add_noise': true },
        wait: 'poll',
        pollSeconds: 0.5,
        queueLimit: 4,
        determinism: 'bitwise',
        promptLimit: 2000,
        revision: 'weights of May',
      },
    },
  ],
  invalid: [
    { options: { endpoints, slots }, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { endpoints, workflow }, code: 'DDA_CONFIG_INVALID', at: '' },
    { options: { endpoints, workflow, slots: { prompt: slots.prompt } }, code: 'DDA_CONFIG_INVALID', at: 'slots' },
    {
      options: { endpoints, workflow, slots: { ...slots, prompt: '5.prompt' } },
      code: 'DDA_CONFIG_INVALID',
      at: 'slots.prompt',
    },
    {
      options: { endpoints, workflow, slots: { ...slots, mask: '1.inputs.mask' } },
      code: 'DDA_CONFIG_INVALID',
      at: 'slots.mask',
    },
    {
      options: { endpoints, workflow, slots, params: { '8.inputs.steps': [1] } },
      code: 'DDA_CONFIG_INVALID',
      at: 'params.8.inputs.steps',
    },
    { options: { endpoints, workflow, slots, wait: 'sse' }, code: 'DDA_CONFIG_INVALID', at: 'wait' },
    { options: { endpoints, workflow, slots, apiKey: 'sk-1' }, code: 'DDA_CONFIG_INVALID', at: 'apiKey' },
    { options: { endpoints: ['gpu-1:8188'], workflow, slots }, code: 'DDA_ENDPOINT_URL' },
    { options: { endpoints, workflow, slots: { ...slots, seed: slots.prompt } }, code: 'DDA_EDITOR_SLOT' },
    { options: { endpoints, workflow, slots, params: { '8.inputs.seed': 3 } }, code: 'DDA_EDITOR_SLOT' },
  ],
})

test('the workflow is looked for beside the config file', async () => {
  const made: Editor[] = []
  const api = {
    provide: (slot: unknown, make: () => Editor) => {
      expect(slot).toBe(EDITOR)
      made.push(make())
    },
    resolvePath: (path: string) => join(dirname(WORKFLOW), path),
  } as unknown as PluginApi
  const given = { endpoints, slots: SLOTS, identity: 'config' as const }
  const direct = comfyEditor({ ...given, workflow: WORKFLOW })
  plugin.setup(api, withDefaults<EditorOptions>(options, { ...given, workflow: basename(WORKFLOW) }))
  const [editor] = made as [Editor]
  await withRole(direct, makeContext(), () => withRole(editor, makeContext(), async () => {}))
  expect(editor.fingerprint).toBe(direct.fingerprint)
  expect(editor.fingerprint).toMatch(/"workflow":"[0-9a-f]{64}"/)
})

test('a workflow that is not there is said so, with its path', async () => {
  const editor = comfyEditor({ endpoints, slots: SLOTS, workflow: 'no-such.json', identity: 'config' })
  await expect(editor.open?.(makeContext())).rejects.toMatchObject({
    code: 'DDA_EDITOR_WORKFLOW',
    message: expect.stringContaining('no-such.json'),
  })
})
