import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { startStandIn as startComfy } from '../../plugins/editor-comfyui/src/stand-in-server.ts'
import {
  type StandIn as EditServer,
  startStandIn as startEditor,
} from '../../plugins/editor-openai/src/stand-in-server.ts'
import { startStandIn as startJudge } from '../../plugins/judge-vlm/src/stand-in-server.ts'
import { root, temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

const KEY = 'doctor-key-0123456789'
const dir = temporaryFolder()
const servers: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function config(value: object): void {
  writeFileSync(join(dir, 'dda.config.json'), JSON.stringify(value))
}

async function started<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const server = await starting
  servers.push(server)
  return server
}

/** An address where nobody listens. */
async function deadUrl(): Promise<string> {
  const server = await startEditor()
  await server.close()
  return server.url
}

const editor = (...endpoints: readonly string[]) => ({
  use: join(root, 'plugins/editor-openai'),
  endpoints,
  dialect: 'vllm-omni',
  model: 'stand-in',
})
const judge = (endpoint: string) => ({ use: join(root, 'plugins/judge-vlm'), endpoint, model: 'stand-in-vlm' })

async function project(): Promise<{ readonly edits: EditServer; readonly judgeUrl: string }> {
  const edits = await started(startEditor({ model: 'stand-in' }))
  const { url: judgeUrl } = await started(startJudge({}))
  config({ editor: editor(edits.url), judge: [judge(judgeUrl)] })
  return { edits, judgeUrl }
}

test('every endpoint is reached and lists its models, and one edit is made twice', async () => {
  const { edits, judgeUrl } = await project()
  const { exitCode, data } = await ddaHere(dir, 'doctor')
  expect(exitCode).toBe(0)
  expect(data.node).toBe(process.version)
  expect(data.roles).toMatchObject([
    {
      role: 'editor',
      plugin: 'editor-openai',
      endpoints: [{ url: edits.url, models: ['stand-in'] }],
      // The stand-in is repeatable bit by bit, which is more than the dialect promises.
      canary: { declared: 'visual', found: 'bitwise', difference: 0, source: 'a picture of the doctor’s own' },
    },
    { role: 'judge', plugin: 'judge-vlm', endpoints: [{ url: judgeUrl, models: [expect.any(String)] }] },
  ])
  expect(data.roles[0].canary.seconds).toHaveLength(2)
  expect(data.roles[0].canary.pixels).toEqual({
    source: '512 × 512',
    edited: expect.stringMatching(/^\d+ × \d+$/),
  })
  expect(edits.seen).toHaveLength(2)
  expect(edits.seen[0]?.fields['seed']).toBe(edits.seen[1]?.fields['seed'])
  // The project is left as it was.
  expect(existsSync(join(dir, 'data'))).toBe(false)
})

test('an endpoint that is down fails the diagnosis by name, with its code and what to do, while the others are used', async () => {
  const { edits, judgeUrl } = await project()
  const dead = await deadUrl()
  config({ editor: editor(edits.url, dead), judge: [judge(judgeUrl)] })
  const { ok, exitCode, data } = await ddaHere(dir, 'doctor', '--skip-edit')
  expect({ ok, exitCode }).toEqual({ ok: false, exitCode: 3 })
  expect(data.roles[0].endpoints).toMatchObject([
    { url: edits.url, models: ['stand-in'] },
    { url: dead, error: { code: 'DDA_ENDPOINT_CONNECTION', next: expect.any(String) } },
  ])
  expect(data.roles[0]).not.toHaveProperty('canary')
  expect(edits.seen).toHaveLength(0)
})

test('with no endpoint of the Editor in reach no edit is tried; a judge out of reach is named too', async () => {
  const dead = await deadUrl()
  config({ editor: editor(dead), judge: [judge(dead)] })
  const { exitCode, data } = await ddaHere(dir, 'doctor')
  expect(exitCode).toBe(3)
  const down = { endpoints: [{ url: dead, error: { code: 'DDA_ENDPOINT_CONNECTION' } }] }
  expect(data.roles).toMatchObject([
    { role: 'editor', ...down },
    { role: 'judge', ...down },
  ])
  expect(data.roles[0]).not.toHaveProperty('canary')
})

test('a key that is refused, or not set, has its code, and is never shown', async () => {
  const edits = await started(startEditor({ apiKey: KEY }))
  config({ editor: { ...editor(edits.url), apiKeyEnv: 'DOCTOR_TEST_KEY' } })
  process.env['DOCTOR_TEST_KEY'] = 'another-key-9876543210'
  try {
    const refused = await ddaHere(dir, 'doctor')
    expect(refused.data.roles[0].endpoints[0].error.code).toBe('DDA_ENDPOINT_KEY')
    expect(JSON.stringify(refused)).not.toContain('another-key')
  } finally {
    delete process.env['DOCTOR_TEST_KEY']
  }
  const { exitCode, data } = await ddaHere(dir, 'doctor')
  expect(exitCode).toBe(3)
  expect(data.roles[0]).toMatchObject({ error: { code: 'DDA_ENDPOINT_KEY_MISSING', next: expect.any(String) } })
})

test.each([
  ['bitwise', 'bitwise', 0],
  ['visual', 'bitwise', 0],
  ['none', 'visual', 0],
  ['bitwise', 'visual', 3],
  ['visual', 'none', 3],
])('a local Editor that declares %s and is %s ends the diagnosis with %i', async (declared, actual, status) => {
  config({ editor: { use: join(root, 'test/fixtures/doctor/editors.mjs'), declared, actual } })
  const { exitCode, data } = await ddaHere(dir, 'doctor')
  expect(exitCode).toBe(status)
  const [{ canary, endpoints }] = data.roles
  expect(endpoints).toBeUndefined()
  expect(canary).toMatchObject({ declared, found: actual })
  expect(canary.error?.code).toBe(status === 0 ? undefined : 'DDA_EDITOR_DETERMINISM')
})

test.each([
  [false, 'bitwise', 0],
  [true, 'none', 3],
])(
  'a ComfyUI workflow that draws (%s) is not called repeatable because its server remembers',
  async (random, found, status) => {
    const comfy = await started(startComfy({ random }))
    config({
      editor: {
        use: join(root, 'plugins/editor-comfyui'),
        endpoints: [comfy.url],
        workflow: join(root, 'plugins/editor-comfyui/examples/edit.workflow.json'),
        slots: { image: '1.inputs.image', prompt: '5.inputs.prompt', seed: '8.inputs.seed' },
        determinism: 'bitwise',
      },
    })
    const { exitCode, data } = await ddaHere(dir, 'doctor')
    expect({ exitCode, canary: data.roles[0].canary }).toMatchObject({ exitCode: status, canary: { found } })
    expect(data.roles[0].canary.error?.code).toBe(random ? 'DDA_EDITOR_DETERMINISM' : undefined)
    // Asked to forget between the two edits, and both were really made.
    expect(comfy.calls['POST /free']).toBe(1)
    expect(comfy.graphs).toHaveLength(2)
  },
)

test('the Editors of eval.editors are looked at too, each under its name', async () => {
  const shaky = { use: join(root, 'test/fixtures/doctor/editors.mjs'), declared: 'bitwise' }
  config({ editor: { ...shaky, actual: 'bitwise' }, eval: { editors: { other: { ...shaky, actual: 'none' } } } })
  const { exitCode, data } = await ddaHere(dir, 'doctor')
  expect(exitCode).toBe(3)
  expect(data.roles).toMatchObject([
    { role: 'editor', canary: { found: 'bitwise' } },
    { role: 'editor other', canary: { found: 'none', error: { code: 'DDA_EDITOR_DETERMINISM' } } },
  ])
})

test('an edit that fails has its code; a configuration that is wrong ends the diagnosis before anything is reached', async () => {
  const broken = await started(
    startEditor({ intercept: (_request, response) => response.writeHead(400).end('no') !== undefined }),
  )
  config({ editor: editor(broken.url) })
  const { exitCode, data } = await ddaHere(dir, 'doctor')
  expect(exitCode).toBe(3)
  expect(data.roles[0].canary).toMatchObject({ seconds: [], error: { code: 'DDA_ENDPOINT_REJECTED' } })
  expect(data.roles[0].canary).not.toHaveProperty('found')
  expect(await ddaHere(dir, 'doctor', '--set', 'editor.dialect=klingon')).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_CONFIG_INVALID' },
  })
})
