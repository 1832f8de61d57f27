import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Graph, Workflow, type WorkflowOptions } from './workflow.ts'
import { SLOTS, WORKFLOW } from './workflow.fixture.ts'

const text = await readFile(WORKFLOW, 'utf8')
const graph = JSON.parse(text) as Graph
const given: WorkflowOptions = { workflow: 'edit.json', slots: SLOTS, params: {} }
const values = { images: ['a.png'], prompt: 'p', seed: 7, width: 1, height: 2 }

test('fills its slots and leaves itself alone', () => {
  const workflow = new Workflow(text, { ...given, params: { '10.inputs.filename_prefix': 'x' } })
  const first = workflow.with(values)
  const second = workflow.with({ ...values, prompt: 'q' })
  expect(first['5']?.inputs['prompt']).toBe('p')
  expect(second['5']?.inputs['prompt']).toBe('q')
  expect(second['10']?.inputs['filename_prefix']).toBe('x')
  expect(second['8']?.inputs).toEqual({ ...graph['8']?.inputs, seed: 7 })
  expect([...workflow.slotNodes]).toEqual(['1', '5', '8'])
})

test('its hash is of what it computes: not of titles, of the order of keys, or of what stands in the slots', () => {
  const { hash } = new Workflow(text, given)
  const again = Object.fromEntries(
    Object.entries(graph)
      .toReversed()
      .map(([id, { class_type, inputs }]) => {
        const filled = id === '5' ? { ...inputs, prompt: 'something' } : inputs
        return [
          id,
          { _meta: { title: 'other' }, class_type, inputs: Object.fromEntries(Object.entries(filled).toReversed()) },
        ]
      }),
  )
  expect(new Workflow(JSON.stringify(again), given).hash).toBe(hash)
  const other = { ...graph, '6': { ...graph['6'], inputs: { ...graph['6']?.inputs, prompt: 'blurry' } } }
  expect(new Workflow(JSON.stringify(other), given).hash).not.toBe(hash)
  expect(new Workflow(text, { ...given, params: { '8.inputs.steps': 4 } }).hash).not.toBe(hash)
})

const BAD_SLOTS: [string, Partial<WorkflowOptions>, RegExp][] = [
  [
    'a node that is not there',
    { slots: { ...SLOTS, prompt: '55.inputs.text' } },
    /55\.inputs\.text: edit\.json has no node 55.*1 \(LoadImage, "Load Image"\).*8 \(KSampler\)/s,
  ],
  [
    'an input that is not there',
    { slots: { ...SLOTS, prompt: '5.inputs.text' } },
    /node 5 \(TextEncodeQwenImageEdit\) has no input text.*prompt, clip, vae, image/s,
  ],
  ['an input that is linked', { slots: { ...SLOTS, image: '5.inputs.image' } }, /gets its value from node 1/],
  ['a param that is not there', { params: { '8.inputs.step': 4 } }, /has no input step.*steps/s],
  ['an output that is not there', { output: '99' }, /has no node 99.*10 \(SaveImage/s],
  ['one place for two', { slots: { ...SLOTS, seed: SLOTS.prompt } }, /5\.inputs\.prompt is to be filled twice/],
]

test.each(BAD_SLOTS)('%s is named, and what there is instead', (_name, options, message) => {
  expect(problemOf(text, { ...given, ...options })).toMatchObject({
    code: 'DDA_EDITOR_SLOT',
    said: expect.stringMatching(message),
  })
})

const BAD_FILES: [string, string, RegExp][] = [
  ['no JSON', '{', /is not JSON/],
  ['a list', '[]', /holds no workflow/],
  ['an empty one', '{}', /it is empty/],
  ['as the canvas saves it', '{"nodes":[],"links":[],"version":0.4}', /as the canvas saves it/],
  ['something else', '{"1":{"type":"LoadImage"}}', /1 is no node/],
]

test.each(BAD_FILES)('a file that is %s is refused', (_name, file, message) => {
  expect(problemOf(file, given)).toMatchObject({
    code: 'DDA_EDITOR_WORKFLOW',
    said: expect.stringMatching(message),
  })
})

const end = (file: string, change: (graph: Record<string, { class_type: string; inputs: object }>) => void): string => {
  const graph = JSON.parse(file) as Record<string, { class_type: string; inputs: object }>
  change(graph)
  return JSON.stringify(graph)
}
const saver = (graph: Record<string, { class_type: string }>): string =>
  Object.entries(graph).find(([, node]) => node.class_type === 'SaveImage')?.[0] ?? ''

test('a workflow that gives no picture is refused before any edit, unless its node is named', () => {
  const file = end(text, (graph) => {
    delete graph[saver(graph)]
  })
  expect(problemOf(file, given)).toMatchObject({
    code: 'DDA_EDITOR_WORKFLOW',
    said: expect.stringMatching(/No node .* gives a picture; it has .*VAEDecode/) as string,
  })
  const [own] = Object.keys(JSON.parse(file) as object)
  expect(problemOf(file, { ...given, output: own ?? '' })).toMatchObject({ code: 'none' })
})

test('two nodes that save want the one that is meant, and are named', () => {
  const file = end(text, (graph) => {
    graph['99'] = structuredClone(graph[saver(graph)] ?? { class_type: '', inputs: {} })
  })
  expect(problemOf(file, given)).toMatchObject({
    code: 'DDA_EDITOR_SLOT',
    said: expect.stringMatching(/saves pictures at the nodes .*99/) as string,
  })
  expect(problemOf(file, { ...given, output: '99' })).toMatchObject({ code: 'none' })
})

test('a preview beside a saver is no second result', () => {
  const file = end(text, (graph) => {
    graph['99'] = { ...structuredClone(graph[saver(graph)] ?? { inputs: {} }), class_type: 'PreviewImage' }
  })
  expect(problemOf(file, given)).toMatchObject({ code: 'none' })
})

function problemOf(file: string, options: WorkflowOptions): { readonly code: string; readonly said: string } {
  try {
    return { code: 'none', said: new Workflow(file, options).hash }
  } catch (error) {
    const { code, message, next } = error as { code: string; message: string; next: string }
    return { code, said: `${message}\n${next}` }
  }
}
