import { makeContext, makePng, withRole } from '@dda-thinker/testkit'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { record, type Recording, scrubbed } from './record-server.fixture.ts'
import { startStandIn } from './stand-in-server.ts'
import type { EditorOptions } from './options.ts'
import { type Replay, RECORDING, type Scene, startReplay } from './recording.fixture.ts'
import { stripMetadata } from './strip-metadata.ts'
import { editorAt } from './workflow.fixture.ts'

/* True replies of ComfyUI 0.3.64 at the other end, and the stand-in held to them. */

const picture = (): Buffer => Buffer.from(String(RECORDING.jobs.first.picture?.body), 'base64')

async function edited(scenes: readonly Scene[], options: Partial<EditorOptions> = {}) {
  const replay: Replay = await startReplay(scenes)
  onTestFinished(() => replay.close())
  const folder = mkdtempSync(join(tmpdir(), 'dda-recorded-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const workflow = join(folder, 'workflow.json')
  writeFileSync(workflow, JSON.stringify(RECORDING.jobs.first.graph))
  const slots = { image: '1.inputs.image', prompt: '2.inputs.string', seed: '4.inputs.seed' }
  const context = makeContext()
  const editor = editorAt([replay.url], { workflow, slots, ...options })
  return withRole(editor, context, async () => {
    const images = [await context.images.put(makePng({ width: 32, height: 32 }))]
    const { signal } = context
    const result = await editor
      .edit({ images, plan: 'Make it red', seed: 1 }, { signal })
      .then(({ bytes }) => ({ bytes }))
      .catch((error: unknown) => ({ error }))
    return { result, editor, graphs: replay.graphs, context }
  })
}

test.each(['first', 'cached', 'afterFree'] as const)('the picture of a job is taken: %s', async (job) => {
  const { result } = await edited([{ job }])
  expect(result).toEqual({ bytes: expect.anything() as unknown })
  const { bytes } = result as { readonly bytes: Uint8Array }
  expect(Buffer.compare(bytes, stripMetadata(picture()))).toBe(0)
})

test('a node that throws is told with its own words, and is not tried again', async () => {
  const { result, graphs } = await edited([{ job: 'failed' }])
  const { error } = result as { readonly error: Error }
  expect(error).toMatchObject({ code: 'DDA_EDITOR_EXECUTION', kind: 'server', transient: false })
  expect(error.message).toMatch(/node 3 \(ImageQuantize\): \w*Error: /)
  expect(graphs).toHaveLength(1)
})

test('a job that somebody interrupts is given again', async () => {
  const { result, graphs } = await edited([{ job: 'interrupted' }, { job: 'first' }])
  expect(result).not.toHaveProperty('error')
  expect(graphs).toHaveLength(2)
})

test('a job that is answered from the execution cache with a file that is gone is given again under another name', async () => {
  const { result, graphs } = await edited([{ job: 'cached', gone: true }, { job: 'afterFree' }])
  expect(result).not.toHaveProperty('error')
  const prefixes = (graphs as { '5': { inputs: { filename_prefix: string } } }[]).map(
    (graph) => graph['5'].inputs.filename_prefix,
  )
  expect(new Set(prefixes).size).toBe(2)
})

test.each([
  ['unknown node class', 'unavailable', /NoSuchNode does not exist/],
  ['no output', 'unavailable', /no outputs/],
  ['empty', 'unavailable', /no outputs/],
  ['missing input', 'unavailable', /node 3 \(ImageQuantize\): Required input is missing: colors/],
  ['missing picture', 'bad-input', /node 1 \(LoadImage\)/],
  ['seed out of range', 'bad-input', /node 4 \(ImageAddNoise\): Value -1 smaller than min of 0: seed/],
])('a graph that the server refuses says whose fault it is: %s', async (refused, kind, words) => {
  const { result } = await edited([{ refused }, { refused }, { refused }])
  expect(result).toMatchObject({ error: { code: 'DDA_EDITOR_GRAPH', kind } })
  expect((result as { readonly error: Error }).error.message).toMatch(words)
})

const FAULT = { exception_type: 'ValueError', exception_message: 'bad number of colors' }

test('the stand-in of the other tests answers in the form in which the real server does', async () => {
  const standIn = await startStandIn({
    version: RECORDING.version,
    job: (count) => (count === 4 ? FAULT : count === 5 ? 'hang' : undefined),
  })
  onTestFinished(() => standIn.close())
  const stood = scrubbed(await record(standIn.url))
  expect(formOf(stood)).toEqual(formOf(RECORDING))
})

/** Statuses, media types, names of fields and the order of events; values only where a reader decides by them. */
function formOf({ replies, jobs, refused }: Recording): unknown {
  const ids = Object.values(jobs).map(({ id }) => id)
  const form = (value: unknown, key = ''): unknown => {
    // How busy the server was, what machine it is, and what the graphs are.
    if (OPEN.has(key)) return '…'
    // As many nodes run as there are, one after the other.
    if (Array.isArray(value)) {
      const forms = value.map((each: unknown) => form(each))
      const changes = forms.filter((each, i) => JSON.stringify(each) !== JSON.stringify(forms[i - 1]))
      return changes.every((each) => each === '…') ? '…' : changes
    }
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [ids.includes(name) ? 'id' : name, form(each, name)]),
      )
    }
    return DECIDES.has(key) ? value : '…'
  }
  return form({ replies, jobs, refused })
}

const OPEN = new Set(['queue_running', 'queue_pending', 'devices', 'system', 'graph', 'prompt', 'input_config'])
const DECIDES = new Set(['status', 'type', 'status_str', 'completed', 'class_type'])
