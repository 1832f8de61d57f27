import { createServer, connect, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { makeContext, makePng, withRole } from '@dda-thinker/testkit'
import { afterEach, expect, test } from 'vitest'
import { startStandIn, type StandIn } from './stand-in-server.ts'
import { editorAt } from './workflow.fixture.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A cable to a server that can be pulled and put back: meanwhile connections are refused, as by a server that is down. */
async function cable(target: string) {
  const { port } = new URL(target)
  const open = new Set<Socket>()
  let server: Server | undefined
  let own = 0
  const plug = async (): Promise<void> => {
    server = createServer((near) => {
      const far = connect(Number(port), '127.0.0.1')
      for (const socket of [near, far]) {
        open.add(socket)
        socket.on('error', () => undefined).on('close', () => open.delete(socket))
      }
      near.pipe(far)
      far.pipe(near)
    }).listen(own, '127.0.0.1')
    await once(server, 'listening')
    own = (server.address() as { port: number }).port
  }
  const pull = async (): Promise<void> => {
    const old = server
    server = undefined
    for (const socket of open) socket.resetAndDestroy()
    if (old !== undefined) await new Promise((resolve) => old.close(resolve))
  }
  await plug()
  closing.push(pull)
  return { url: `http://127.0.0.1:${own}`, plug, pull }
}

async function stand(workMs: number): Promise<StandIn> {
  const server = await startStandIn({ workMs })
  closing.push(() => server.close())
  return server
}

const quick = { identity: 'config', retryDelaySeconds: 0.02, breakerSeconds: 0.05, attempts: 3 } as const

test.each(['websocket', 'poll'] as const)(
  'a server that cannot be reached for a while finishes the job that it has: nothing is bought twice (%s)',
  async (wait) => {
    const server = await stand(50)
    const line = await cable(server.url)
    const context = makeContext()
    const image = await context.images.put(makePng({ width: 8, height: 8 }))
    const editor = editorAt([line.url], { ...quick, wait, pollSeconds: 0.02 })
    const started = server.nextStart()
    await withRole(editor, context, async () => {
      const edit = editor.edit({ images: [image], plan: 'Make it blue', seed: 1 }, { signal: context.signal })
      await started
      await line.pull()
      // Far more than three attempts fit in here.
      await new Promise((resolve) => setTimeout(resolve, 700))
      await line.plug()
      expect((await edit).bytes.length).toBeGreaterThan(0)
    })
    expect(server.graphs.length).toBe(1)
  },
)

test.each([undefined, 8])(
  'of two servers one is dead: every edit ends at the other one (limit of the queue: %s)',
  async (queueLimit) => {
    const [well, dead] = [await stand(30), await stand(0)]
    await dead.close()
    closing.pop()
    const context = makeContext()
    const image = await context.images.put(makePng({ width: 8, height: 8 }))
    const editor = editorAt([dead.url, well.url], {
      ...quick,
      perEndpoint: 1,
      attempts: 2,
      ...(queueLimit === undefined ? {} : { queueLimit }),
    })
    await withRole(editor, context, async () => {
      const edits = Array.from({ length: 6 }, (_, seed) =>
        editor.edit({ images: [image], plan: 'Make it blue', seed }, { signal: context.signal }),
      )
      expect((await Promise.all(edits)).length).toBe(6)
    })
    expect(well.graphs.length).toBe(6)
  },
)

test('a server that fails before it has the job is asked once for room, and the edit goes elsewhere', async () => {
  let asked = 0
  const failing = await startStandIn({
    intercept: (route, request) => {
      if (route !== 'GET /prompt') return false
      asked += 1
      request.socket.resetAndDestroy()
      return true
    },
  })
  const well = await stand(0)
  closing.push(() => failing.close())
  const context = makeContext()
  const image = await context.images.put(makePng({ width: 8, height: 8 }))
  // No breaker: only the edit itself leaves the server.
  const editor = editorAt([failing.url, well.url], { ...quick, queueLimit: 8, perEndpoint: 1, breakerFailures: 100 })
  await withRole(editor, context, () =>
    editor.edit({ images: [image], plan: 'Make it blue', seed: 1 }, { signal: context.signal }),
  )
  expect(asked).toBe(1)
  expect([failing.graphs.length, well.graphs.length]).toEqual([0, 1])
})
