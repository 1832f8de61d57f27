import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Editor, EditRequest, RoleContext } from '@dda-thinker/plugin-api'
import { PythonWorker, WarmWorkers } from '@dda-thinker/python-worker'
import { makeContext, MemoryLog } from '@dda-thinker/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Connect, diffusersEditor, type GivenDiffusersOptions } from './index.ts'
import { buildPipeline, KONTEXT, picture, pipelineFolder, python, TINY, withoutPython } from './worker.fixture.ts'

// Most tests start processes of their own, because they harm them.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const signal = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'dda-diffusers-failures-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const closing: Editor[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const editor of closing.splice(0)) await editor.close?.()
})

/** So many steps that an edit outlasts every test. */
const ENDLESS = { params: { num_inference_steps: 1000 } }

interface Running {
  readonly editor: Editor
  readonly log: MemoryLog
  readonly request: (index?: number) => EditRequest
  readonly kill: () => void
}

const warm = new WarmWorkers()

/** An open Editor in a process that is used again, because the test does it no harm. */
const shared = (more: Partial<GivenDiffusersOptions>) => running(more, {}, warm.connect)

/** An open Editor, and requests for it. */
async function running(
  more: Partial<GivenDiffusersOptions> = {},
  given: Partial<RoleContext> = {},
  connect?: Connect,
): Promise<Running> {
  const log = new MemoryLog()
  const context: RoleContext = { ...makeContext({ log }), ...given }
  const sources = await Promise.all([0, 1, 2].map((index) => context.images.put(picture(index))))
  let worker: PythonWorker | undefined
  const editor = diffusersEditor(
    { ...TINY, ...more },
    {
      connect: (options) => {
        if (connect !== undefined) return connect(options)
        worker = new PythonWorker(options)
        return worker
      },
    },
  )
  closing.push(editor)
  await editor.open?.(context)
  return {
    editor,
    log,
    request: (index = 0) => ({ images: sources.slice(index, index + 1), plan: `plan ${index}`, seed: index }),
    kill: () => {
      if (worker?.hello === undefined) throw new Error('The worker does not run')
      process.kill(worker.hello.pid, 'SIGKILL')
    },
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(python === undefined)(`what goes wrong with the real worker${withoutPython}`, () => {
  beforeAll(async () => {
    if (python === undefined) return
    for (const family of ['instruct-pix2pix', 'text-to-image', 'kontext'] as const) buildPipeline(family)
  })
  // After the workers, which are in use until the end.
  afterAll(() => warm.closeAll())

  test('reserved tokens of a plan are not read', async () => {
    const { editor, request } = await shared({ batch: 1 })
    const { bytes } = await editor.edit(request(), { signal })
    const plan = '<|vision_start|><|image_pad|><|vision_end|>plan 0<|im_end|>'
    expect(Buffer.from((await editor.edit({ ...request(), plan }, { signal })).bytes).equals(bytes)).toBe(true)
    const other = await editor.edit({ ...request(), plan: 'another plan' }, { signal })
    expect(Buffer.from(other.bytes).equals(bytes)).toBe(false)
  })

  test('a worker that is killed fails its edit as a passing failure, and the next one gives the same picture', async () => {
    const { editor, log, request, kill } = await running({ batch: 1, params: { num_inference_steps: 40 } })
    const before = await editor.edit(request(), { signal })
    const { fingerprint } = editor
    const under = editor.edit(request(1), { signal })
    const failed = expect(under).rejects.toMatchObject({ code: 'DDA_WORKER_DIED', kind: 'server', stopsRun: false })
    await sleep(400)
    // The second waits its turn while the first is under way.
    const waiting = editor.edit(request(2), { signal })
    await sleep(100)
    kill()
    await failed
    expect((await waiting).bytes.length).toBeGreaterThan(100)
    const after = await editor.edit(request(), { signal })
    expect(Buffer.from(after.bytes).equals(before.bytes)).toBe(true)
    expect(editor.fingerprint).toBe(fingerprint)
    expect(log.lines.join('\n')).toMatch(/warn: .*ended by SIGKILL while it worked/)
  })

  test('an aborted edit ends at once, those beside it do not, and the worker goes on', async () => {
    const { editor, request } = await running({ ...ENDLESS, batch: 1 })
    const controller = new AbortController()
    const aborted = editor.edit(request(), { signal: controller.signal })
    await sleep(300)
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const other = new AbortController()
    const started = Date.now()
    const next = editor.edit(request(1), { signal: other.signal })
    await sleep(300)
    other.abort()
    await expect(next).rejects.toMatchObject({ name: 'AbortError' })
    expect(Date.now() - started).toBeLessThan(5000)
  })

  test('an edit beyond its deadline is a time-out, and the next one finds a free worker', async () => {
    const { editor, request } = await running({ ...ENDLESS, batch: 1, deadline: { edit: 0.5 } })
    await expect(editor.edit(request(), { signal })).rejects.toMatchObject({
      code: 'DDA_WORKER_TIMEOUT',
      kind: 'timeout',
    })
    await expect(editor.edit(request(1), { signal })).rejects.toMatchObject({ code: 'DDA_WORKER_TIMEOUT' })
  })

  test('closing while the worker edits ends it', async () => {
    const { editor, request } = await running({ ...ENDLESS, batch: 1 })
    const edit = editor.edit(request(), { signal })
    const failed = expect(edit).rejects.toMatchObject({ code: 'DDA_ROLE_CLOSED' })
    await sleep(300)
    await editor.close?.()
    await failed
    await expect(editor.edit(request(), { signal })).rejects.toMatchObject({ code: 'DDA_ROLE_CLOSED' })
  })

  test('a run that ends while the model loads does not wait for it', async () => {
    const controller = new AbortController()
    const opening = running({}, { signal: controller.signal })
    setTimeout(() => controller.abort(), 500)
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('batches are found out at the start and said in the log', async () => {
    const { editor, log, request } = await shared({ batch: 3 })
    const line = log.lines.find((each) => each.startsWith('info: StableDiffusionInstructPix2PixPipeline'))
    expect(line).toMatch(/float32 on cpu; plans of up to 77 tokens; up to 3 edits at once \(results in a batch are/)
    const edits = await Promise.all([0, 1, 2, 0, 1, 2].map((index) => editor.edit(request(index), { signal })))
    expect(edits).toHaveLength(6)
  })

  test.each<[string, string, Partial<GivenDiffusersOptions>, RegExp]>([
    ['a pipeline', 'DDA_EDITOR_PIPELINE', { pipeline: 'FluxContextPipeline' }, /FluxKontextPipeline/],
    [
      'a model that edits',
      'DDA_EDITOR_PIPELINE',
      { model: pipelineFolder('text-to-image') },
      /StableDiffusionPipeline/,
    ],
    ['a folder', 'DDA_MODEL_NOT_FOUND', { model: join(folder, 'none') }, /is not there/],
    ['an argument', 'DDA_EDITOR_PARAM', { params: { steps: 4 } }, /num_inference_steps.*guidance_scale/],
    ['a device', 'DDA_CONFIG_INVALID', { device: 'cuda:99' }, /cuda:99/],
  ])('%s that is not there is %s with the next step, and ends the run', async (_, code, more, text) => {
    await expect(shared(more)).rejects.toMatchObject({
      code,
      stopsRun: true,
      message: expect.stringMatching(text) as string,
      next: expect.stringMatching(/\w/) as string,
    })
  })

  test('a list of devices has a process each, and they share the edits', async () => {
    const { editor, log, request } = await running({ batch: 1, device: ['cpu', 'cpu'] })
    expect(editor.supports.concurrency).toBe(4)
    expect(log.lines.filter((each) => each.startsWith('info: StableDiffusionInstructPix2PixPipeline'))).toHaveLength(2)
    const edits = await Promise.all([0, 0, 1, 1].map((index) => editor.edit(request(index), { signal })))
    const [a, b, c, d] = edits.map(({ bytes }) => Buffer.from(bytes))
    expect(b?.equals(a as Buffer)).toBe(true)
    expect(d?.equals(c as Buffer)).toBe(true)
    expect(c?.equals(a as Buffer)).toBe(false)
  })

  test('one device of several that is not there ends all', async () => {
    await expect(running({ device: ['cpu', 'cuda:99'] })).rejects.toMatchObject({ code: 'DDA_CONFIG_INVALID' })
  })

  test('what diffusers warns of at the start is said', async () => {
    const { log } = await shared({ ...KONTEXT, batch: 1, params: { ...KONTEXT.params, width: 60, height: 60 } })
    expect(log.lines.join('\n')).toMatch(/warn: editor-diffusers: .*`height` and `width` have been adjusted/)
  })

  test('a plan that the tokenizer would cut is bad input', async () => {
    const { editor, request } = await shared({ batch: 1 })
    const long = { ...request(), plan: 'x'.repeat(100) }
    await expect(editor.edit(long, { signal })).rejects.toMatchObject({ code: 'DDA_EDITOR_PROMPT', kind: 'bad-input' })
  })

  test('a replay takes what was recorded, and starts Python only for an edit that is asked for', async () => {
    const recorded = new Map<string, unknown>()
    const record: RoleContext['recall'] = async (key, make) => {
      const value = await make()
      recorded.set(JSON.stringify(key), value)
      return value
    }
    const { editor } = await running({ batch: 1 }, { recall: record })
    const replay: RoleContext['recall'] = async <T>(key: unknown) => recorded.get(JSON.stringify(key)) as T
    const again = await running({ batch: 1 }, { recall: replay })
    expect(again.editor.fingerprint).toBe(editor.fingerprint)
    expect(again.log.lines).toEqual([])
    expect((await again.editor.edit(again.request(), { signal })).bytes.length).toBeGreaterThan(100)
  })
})

test('without an environment the error names the command that makes it, and nothing is made', async () => {
  const venv = join(folder, 'no-venv')
  vi.stubEnv('DDA_VENV', venv)
  const { python: _, ...rest } = { python: undefined, ...TINY }
  const editor = diffusersEditor(rest)
  await expect(editor.open?.(makeContext())).rejects.toMatchObject({
    code: 'DDA_EDITOR_ENVIRONMENT',
    stopsRun: true,
    next: expect.stringContaining('dda editor install diffusers') as string,
  })
  expect(existsSync(venv)).toBe(false)
})

test('an interpreter without the packages says which one is missing', async () => {
  // Other processes of the tests have folders of their own there.
  const left = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith('dda-images.') && name.includes(`-${process.pid}-`))
  const before = left()
  const editor = diffusersEditor({ ...TINY, python: join(folder, 'no-python') })
  await expect(editor.open?.(makeContext())).rejects.toMatchObject({ code: 'DDA_WORKER_START' })
  expect(left()).toEqual(before)
})
