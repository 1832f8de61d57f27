import { fileURLToPath } from 'node:url'
import { MemoryLog } from '@dda-thinker/testkit'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findPython, PythonWorker, type PythonWorkerOptions } from './index.ts'

const script = fileURLToPath(new URL('worker.fixture.py', import.meta.url))
let python = ''
beforeAll(async () => {
  python = (await findPython()).path
})

const running: PythonWorker[] = []
afterEach(async () => {
  for (const worker of running.splice(0)) await worker.close()
})

function start(options: Partial<PythonWorkerOptions> = {}): PythonWorker {
  const made = new PythonWorker({ name: 'fixture', python, args: [script], log: new MemoryLog(), ...options })
  running.push(made)
  return made
}

/** A request that has been taken up by the worker, as its first event tells. */
async function under(
  worker: PythonWorker,
  method: string,
  options: { signal?: AbortSignal; timeoutSeconds?: number } = {},
) {
  let ended: Promise<unknown> = Promise.resolve()
  await new Promise<void>((resolve) => {
    ended = worker.request(method, null, { ...options, onEvent: () => resolve() })
    ended.catch(() => undefined)
  })
  return { ended }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
async function untilDead(pid: number): Promise<void> {
  while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('requests', () => {
  test('the handshake tells name, versions and capabilities', async () => {
    const hello = await start().start()
    expect(hello).toMatchObject({ name: 'fixture', version: '1.2.3', capabilities: { methods: ['echo'] } })
    expect(hello.python).toMatch(/^3\.\d+/)
  })

  test('parameters and attachments go there and back, whatever the worker prints', async () => {
    const log = new MemoryLog()
    const worker = start({ log })
    const params = { text: '“ä” ❄ \n', list: [1, null, true], nested: { x: 1e-7 } }
    const { data, parts } = await worker.request('echo', params, { parts: [Buffer.from([1, 2]), Buffer.alloc(3e6, 5)] })
    expect(data).toEqual(params)
    expect([...(parts[0] ?? [])]).toEqual([2, 1])
    expect(Buffer.from(parts[1] ?? []).equals(Buffer.alloc(3e6, 5))).toBe(true)
    await worker.close()
    const said = log.lines.join('\n')
    expect(said).toContain('printed by Python before hello')
    expect(said).toContain('printed by C before hello')
    expect(said).toContain('a print that must not disturb')
  })

  test('events come before the result, in order', async () => {
    const seen: unknown[] = []
    const { data } = await start().request(
      'stream',
      { count: 5 },
      { onEvent: (event, parts) => seen.push([event, parts[0]?.[0]]) },
    )
    expect(data).toEqual({ count: 5 })
    expect(seen).toEqual([0, 1, 2, 3, 4].map((index) => [{ index }, index]))
  })

  test('requests that wait together are batched by key, each with its own end', async () => {
    const worker = start()
    const { ended } = await under(worker, 'wait', { timeoutSeconds: 0.5 })
    const sent = [
      { n: 0, size: 'a' },
      { n: 1, size: 'b' },
      { n: 2, size: 'a' },
      { n: 3, size: 'a', bad: true },
      { n: 4, size: 'a' },
    ].map((params) => worker.request('batch', params).then(({ data }) => data))
    await expect(ended).rejects.toMatchObject({ code: 'DDA_WORKER_TIMEOUT', kind: 'timeout' })
    const results = await Promise.allSettled(sent)
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
      { with: [0, 2, 3] },
      { with: [1] },
      { with: [0, 2, 3] },
      'failed',
      { with: [4] },
    ])
  })
})

describe('failures', () => {
  test('a Failure keeps its reason and data, and the plugin may give it a code', async () => {
    await expect(start().request('fail', null)).rejects.toMatchObject({
      code: 'DDA_WORKER_FAILED',
      kind: 'plugin-error',
    })
    const worker = start({
      failure: ({ reason, message, data }) => new Error(`${reason}/${message}/${String(data.needed)}`),
    })
    await expect(worker.request('fail', null)).rejects.toThrow('out-of-memory/It does not fit/12')
  })

  test('an exception, an unknown method and a result that is no JSON are failures of one request', async () => {
    const log = new MemoryLog()
    const worker = start({ log })
    await expect(worker.request('raise', null)).rejects.toThrow("KeyError: 'colour'")
    await expect(worker.request('sing', null)).rejects.toThrow('sing')
    await expect(worker.request('nan', null)).rejects.toMatchObject({ code: 'DDA_WORKER_FAILED' })
    expect((await worker.request('echo', 1)).data).toBe(1)
    expect(log.lines.join('\n')).toContain('Traceback')
  })

  test('a script that ends before its handshake is DDA_WORKER_START with its last words', async () => {
    const call = start({ args: [script, '--die-early'] }).start()
    await expect(call).rejects.toMatchObject({ code: 'DDA_WORKER_START' })
    await expect(call).rejects.toThrow('I never wanted to work')
  })

  test('an interpreter that is not there is DDA_WORKER_START', async () => {
    await expect(start({ python: '/nowhere/python' }).start()).rejects.toMatchObject({ code: 'DDA_WORKER_START' })
  })

  test('a script that writes something else is DDA_WORKER_PROTOCOL', async () => {
    await expect(start({ args: [script, '--garbage'] }).start()).rejects.toMatchObject({ code: 'DDA_WORKER_PROTOCOL' })
  })

  test('a script that says nothing is DDA_WORKER_START after its time', async () => {
    const worker = start({ args: ['-c', 'import time; time.sleep(600)'], startTimeoutSeconds: 0.2 })
    await expect(worker.start()).rejects.toMatchObject({ code: 'DDA_WORKER_START' })
  })
})

describe('deadlines and cancelling', () => {
  test('an aborted request ends at once, and the worker with it', async () => {
    const controller = new AbortController()
    const worker = start()
    const { ended } = await under(worker, 'wait', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(ended).rejects.toThrow('enough')
    const pid = worker.hello?.pid
    expect((await worker.request('pid', null)).data).toBe(pid)
  })

  test('a request that is aborted while it waits is never handled', async () => {
    const worker = start()
    const first = await under(worker, 'wait', { timeoutSeconds: 0.5 })
    const controller = new AbortController()
    const second = worker.request('wait', null, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    await expect(first.ended).rejects.toMatchObject({ code: 'DDA_WORKER_TIMEOUT' })
    expect((await worker.request('calls', null)).data).toEqual(['wait'])
  })

  test('a stuck worker is killed after its grace, and those that waited go to the next', async () => {
    const worker = start({ cancelGraceSeconds: 0.1 })
    const { ended } = await under(worker, 'hang', { timeoutSeconds: 0.2 })
    const old = worker.hello?.pid ?? 0
    const waiting = worker.request('pid', null)
    await expect(ended).rejects.toMatchObject({ code: 'DDA_WORKER_TIMEOUT', kind: 'timeout' })
    expect((await waiting).data).not.toBe(old)
    await untilDead(old)
  })
})

describe('deaths', () => {
  test('the request in hand fails with the last words; others and later ones go to a prepared new process', async () => {
    const log = new MemoryLog()
    const worker = start({ log, prepare: async (process) => void (await process.request('prepare', null)) })
    const results = await Promise.allSettled([worker.request('die', null), worker.request('calls', null)])
    expect(results[0]).toMatchObject({ reason: { code: 'DDA_WORKER_DIED', kind: 'server' } })
    expect((results[0] as PromiseRejectedResult).reason).toMatchObject({
      message: expect.stringContaining('my last words'),
    })
    expect((results[0] as PromiseRejectedResult).reason).toMatchObject({ message: expect.stringContaining('status 7') })
    expect(results[1]).toMatchObject({ value: { data: ['prepare'] } })
    expect(log.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1)
  })

  test('too many in a row end the run, resumably', async () => {
    const worker = start({ maxDeaths: 2 })
    for (let i = 0; i < 2; i++) {
      await expect(worker.request('die', null)).rejects.toMatchObject({ code: 'DDA_WORKER_DIED', stopsRun: false })
    }
    await expect(worker.request('echo', 1)).rejects.toMatchObject({ code: 'DDA_WORKER_GONE', stopsRun: true })
  })

  test('an answer in between starts the count anew', async () => {
    const worker = start({ maxDeaths: 2 })
    for (let i = 0; i < 3; i++) {
      expect((await worker.request('echo', i)).data).toBe(i)
      await expect(worker.request('die', null)).rejects.toMatchObject({ code: 'DDA_WORKER_DIED' })
    }
  })

  test('a start whose prepare fails leaves no process, and may be tried again', async () => {
    let pid = 0
    let fails = true
    const worker = start({
      prepare: async (process) => {
        pid = process.hello.pid
        if (fails) throw new Error('no such model')
      },
    })
    await expect(worker.start()).rejects.toThrow('no such model')
    expect(alive(pid)).toBe(false)
    fails = false
    expect((await worker.request('echo', 1)).data).toBe(1)
  })

  test('death in prepare fails the start with its last words', async () => {
    const worker = start({ prepare: async (process) => void (await process.request('die', null)) })
    await expect(worker.start()).rejects.toMatchObject({ code: 'DDA_WORKER_DIED' })
  })
})

describe('the end', () => {
  test('close ends it, whatever it does, with what it has started; a second time is nothing', async () => {
    const worker = start({ closeGraceSeconds: 0.4 })
    const child = (await worker.request('child', null)).data as number
    const { ended } = await under(worker, 'hang')
    const pid = worker.hello?.pid ?? 0
    await worker.close()
    await expect(ended).rejects.toMatchObject({ code: 'DDA_WORKER_DIED' })
    await worker.close()
    expect(alive(pid)).toBe(false)
    await untilDead(child)
    await expect(worker.request('echo', 1)).rejects.toMatchObject({ code: 'DDA_WORKER_CLOSED' })
  })

  test('close without a start starts nothing', async () => {
    const worker = start()
    await worker.close()
    expect(worker.hello).toBeUndefined()
  })
})
