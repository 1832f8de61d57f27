import type { PluginApi } from '@dda-thinker/plugin-api'
import { makeContext, makePng, withRole } from '@dda-thinker/testkit'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type StandIn, startStandIn, type StandInOptions } from './stand-in-server.ts'
import plugin from './index.ts'
import { editorAt, SLOTS, WORKFLOW } from './workflow.fixture.ts'

/* A ComfyUI server answers an equal graph from its execution cache, also to another client (0.3.64). */

async function standIn(options: StandInOptions = {}): Promise<StandIn> {
  const server = await startStandIn(options)
  onTestFinished(() => server.close())
  return server
}

async function oneRequest(context: ReturnType<typeof makeContext>) {
  const images = [await context.images.put(makePng({ width: 32, height: 16 }))]
  return { images, plan: 'Make it blue', seed: 1 }
}

test('an unseeded workflow looks repeatable until the cache is emptied', async () => {
  const server = await standIn({ random: true })
  const context = makeContext()
  const request = await oneRequest(context)
  const { signal } = context
  await withRole(editorAt([server.url]), context, async (editor) => {
    const first = await editor.edit(request, { signal })
    const cached = await editor.edit(request, { signal })
    expect(Buffer.compare(cached.bytes, first.bytes)).toBe(0)
    await editor.forget?.({ signal })
    const anew = await editor.edit(request, { signal })
    expect(Buffer.compare(anew.bytes, first.bytes)).not.toBe(0)
  })
  expect(server.calls['POST /free']).toBe(1)
})

test('a server that cannot empty its cache is named, and edits go on', async () => {
  const server = await standIn({
    intercept: (route, _request, response) => {
      if (route === 'POST /free') response.writeHead(404).end()
      return route === 'POST /free'
    },
  })
  const told: string[] = []
  const quiet = (): void => undefined
  const context = makeContext({ log: { debug: quiet, info: quiet, warn: (line) => void told.push(line) } })
  await withRole(
    editorAt([server.url]),
    context,
    (editor) => editor.forget?.({ signal: context.signal }) ?? Promise.resolve(),
  )
  expect(told).toEqual([expect.stringMatching(/its cache is not emptied/) as string])
})

test('an output folder that was cleaned costs another job, not the edit', async () => {
  const server = await standIn()
  const context = makeContext()
  const request = await oneRequest(context)
  const { signal } = context
  await withRole(editorAt([server.url]), context, async (editor) => {
    const first = await editor.edit(request, { signal })
    server.clearOutputs()
    const again = await editor.edit(request, { signal })
    expect(Buffer.compare(again.bytes, first.bytes)).toBe(0)
  })
  const prefixes = server.graphs.map((graph) => {
    const saves = Object.values(graph).find(({ class_type }) => class_type === 'SaveImage')
    return (saves?.inputs as { filename_prefix?: string } | undefined)?.filename_prefix
  })
  // The second one was answered with the name of a file that is gone; the third saves under another.
  expect(prefixes).toHaveLength(3)
  expect(prefixes[1]).toBe(prefixes[0])
  expect(prefixes[2]).toMatch(new RegExp(`^${prefixes[0]}-[0-9a-f]{8}$`))
})

test.each([
  ['as the canvas saves it', '{"nodes":[],"links":[],"version":0.4}', 'DDA_EDITOR_WORKFLOW'],
  [
    'without an output',
    '{"1":{"class_type":"LoadImage","inputs":{"image":"x"}},"5":{"class_type":"T","inputs":{"prompt":""}},"8":{"class_type":"K","inputs":{"seed":1}}}',
    'DDA_EDITOR_WORKFLOW',
  ],
  ['that is not there', undefined, 'DDA_EDITOR_WORKFLOW'],
])('a workflow %s is found as the plugin is set up, which config check does', (_name, text, code) => {
  const folder = mkdtempSync(join(tmpdir(), 'dda-comfy-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const workflow = join(folder, 'edit.json')
  if (text !== undefined) writeFileSync(workflow, text)
  const api = { resolvePath: (path: string) => path, provide: () => undefined } as unknown as PluginApi
  const given = { endpoints: ['http://gpu-1:8188'], workflow, slots: SLOTS, params: {} }
  expect(() => plugin.setup(api, given as never)).toThrow(expect.objectContaining({ code }) as Error)
  expect(() => plugin.setup(api, { ...given, workflow: WORKFLOW } as never)).not.toThrow()
})
