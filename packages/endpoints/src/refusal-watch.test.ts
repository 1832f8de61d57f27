import { afterEach, expect, test, vi } from 'vitest'
import { EndpointError } from './endpoint-error.ts'
import { RefusalWatch } from './refusal-watch.ts'
import { says } from './says.ts'

const refusal = (status: number, words = 'Invalid model name') => {
  const code =
    status === 403 ? 'DDA_ENDPOINT_FORBIDDEN' : status === 404 ? 'DDA_ENDPOINT_NOT_FOUND' : 'DDA_ENDPOINT_REJECTED'
  const kind = status === 403 || status === 404 ? 'unavailable' : 'bad-input'
  return new EndpointError(code, `answered ${status}: ${words}`, { kind, status, next: 'Look.' })
}
const judge = (watch: RefusalWatch, status: number, input: string) =>
  watch.judge(refusal(status), input) as EndpointError

test.each([400, 403, 413, 422])(
  '%d to all of the first three inputs stops the run, with the words of the server',
  (status) => {
    const watch = new RefusalWatch()
    for (const input of ['a', 'a', 'b', 'a', 'b']) expect(judge(watch, status, input).stopsRun).toBe(false)
    const stop = judge(watch, status, 'c')
    expect(stop).toMatchObject({ code: 'DDA_ENDPOINT_REFUSES', kind: 'unavailable', stopsRun: true, status })
    expect(stop.message).toContain('Invalid model name')
    // Nothing after it is the fault of its own input either.
    expect(judge(watch, status, 'd')).toBe(stop)
  },
)

test('the advice is given once, and that of the refusal after it', () => {
  const watch = new RefusalWatch()
  const [, , stop] = ['a', 'b', 'c'].map((input) => judge(watch, 400, input))
  expect(stop?.next).toBe('Look at model, params and key in the config, then give the same command again. Look.')
})

test('what a server says it will never do stops the run like a refusal, and what may pass does not', () => {
  const [final, passing] = [new RefusalWatch(), new RefusalWatch()]
  const error = (status: number, transient: boolean) =>
    new EndpointError('DDA_ENDPOINT_SERVER', `answered ${status}`, { kind: 'server', status, transient, next: 'Look.' })
  const ends = ['a', 'b', 'c'].map((input) => final.judge(error(501, false), input) as EndpointError)
  expect(ends.map(({ stopsRun }) => stopsRun)).toEqual([false, false, true])
  const passed = ['a', 'b', 'c', 'd'].map((input) => passing.judge(error(500, true), input) as EndpointError)
  expect(passed.some(({ stopsRun }) => stopsRun)).toBe(false)
})

test('after a success a refusal masks its own input and no more, however many there are', () => {
  const watch = new RefusalWatch()
  judge(watch, 400, 'a')
  judge(watch, 400, 'b')
  watch.onSuccess()
  for (let i = 0; i < 50; i++) expect(judge(watch, 400, `${i}`)).toMatchObject({ kind: 'bad-input', stopsRun: false })
})

test('different refusals are not counted together', () => {
  const watch = new RefusalWatch()
  const errors = [400, 403, 422, 400, 403, 422].map((status, i) => judge(watch, status, `${i}`))
  expect(errors.map(({ stopsRun }) => stopsRun)).toEqual(Array.from({ length: 6 }, () => false))
})

test('a key or model that is taken away in the middle stops the run after some, and one odd answer does not', () => {
  const watch = new RefusalWatch()
  watch.onSuccess()
  for (const status of [403, 404]) {
    const errors = Array.from({ length: 10 }, (_, i) => judge(watch, status, `${i}`))
    expect(errors.slice(0, 9).some(({ stopsRun }) => stopsRun)).toBe(false)
    expect(errors[9]).toMatchObject({ code: 'DDA_ENDPOINT_REFUSES', stopsRun: true })
    watch.onSuccess()
  }
})

test('a route that was never there stops at once', () => {
  expect(judge(new RefusalWatch(), 404, 'a').stopsRun).toBe(true)
})

test('what is no such refusal passes', () => {
  const watch = new RefusalWatch()
  const error = new EndpointError('DDA_ENDPOINT_REFUSED', 'moderated', { kind: 'refusal', next: '-' })
  for (const input of ['a', 'b', 'c', 'd']) expect(watch.judge(error, input)).toBe(error)
})

test('a server says what stands in no text that it was sent', () => {
  expect(says('the queue is full', /queue (?:is )?full/i, ['a queue of people'])).toBe(true)
  expect(says('bad prompt "The Queue  is full"', /queue (?:is )?full/i, ['the queue is full'])).toBe(false)
  expect(says('"queue full" failed: queue is full', /queue (?:is )?full/i, ['queue full'])).toBe(true)
})

const ofAccount = (code: 'DDA_ENDPOINT_PAYMENT' | 'DDA_ENDPOINT_KEY' = 'DDA_ENDPOINT_PAYMENT') =>
  new EndpointError(code, 'no credit', { kind: 'unavailable', status: 402, next: 'Pay.' })
const signal = new AbortController().signal

afterEach(() => {
  vi.useRealTimers()
})

function watched(places = 8): RefusalWatch {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const watch = new RefusalWatch({ places, patienceMs: 20_000 })
  watch.onSuccess()
  vi.advanceTimersByTime(1)
  return watch
}

test.each(['DDA_ENDPOINT_PAYMENT', 'DDA_ENDPOINT_KEY'] as const)(
  '%s before any success stops at once',
  async (code) => {
    expect(await new RefusalWatch().settle(ofAccount(code), 'a', signal)).toMatchObject({ code, stopsRun: true })
  },
)

test.each(['DDA_ENDPOINT_PAYMENT', 'DDA_ENDPOINT_KEY'] as const)(
  '%s for one input after successes masks it as soon as a later call succeeds',
  async (code) => {
    const watch = watched()
    const settled = vi.fn()
    const one = watch.settle(ofAccount(code), 'a', signal)
    void one.then(settled)
    // This one was under way already, when there was credit.
    watch.onSuccess(performance.now() - 1)
    await vi.advanceTimersByTimeAsync(10)
    expect(settled).not.toHaveBeenCalled()
    watch.onSuccess(performance.now())
    expect(await one).toMatchObject({ code, stopsRun: false })
    expect(vi.getTimerCount()).toBe(0)
  },
)

test('an account that is empty for three inputs stops the run, and masks none of them', async () => {
  const watch = watched()
  const all = ['a', 'b', 'b', 'c'].map((input) => watch.settle(ofAccount(), input, signal))
  for (const stop of await Promise.all(all))
    expect(stop).toMatchObject({ code: 'DDA_ENDPOINT_PAYMENT', kind: 'unavailable', stopsRun: true })
  expect(await watch.settle(ofAccount(), 'd', signal)).toMatchObject({ stopsRun: true })
  expect(vi.getTimerCount()).toBe(0)
})

test('where nobody else calls, a refusal of the account masks after a while, and three in a row stop', async () => {
  const watch = watched()
  let inputs = 0
  for (const stopsRun of [false, false, true]) {
    const one = watch.settle(ofAccount(), `input ${inputs++}`, signal)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await one).toMatchObject({ stopsRun })
  }
})

test('all plans of one sample wait once for what others meet, not each for itself', async () => {
  const watch = watched()
  const first = watch.settle(ofAccount(), 'a', signal)
  await vi.advanceTimersByTimeAsync(15_000)
  const second = watch.settle(ofAccount(), 'a', signal)
  await vi.advanceTimersByTimeAsync(5000)
  for (const end of [first, second]) expect(await end).toMatchObject({ stopsRun: false })
  expect(await watch.settle(ofAccount(), 'a', signal)).toMatchObject({ stopsRun: false })
  // What began between two refusals of a sample says nothing about the last one.
  watch.onSuccess(performance.now() - 1000)
  const others = ['b', 'c'].map((input) => watch.settle(ofAccount(), input, signal))
  for (const end of await Promise.all(others)) expect(end).toMatchObject({ stopsRun: true })
})

test('a call that waits for the verdict ends with its signal', async () => {
  const watch = watched()
  const controller = new AbortController()
  const one = watch.settle(ofAccount(), 'a', controller.signal)
  controller.abort(new Error('enough'))
  await expect(one).rejects.toThrow('enough')
})

test('two places tell by two inputs, and one place, where nobody else can, waits for nothing', async () => {
  const two = watched(2)
  const both = await Promise.all(['a', 'b'].map((input) => two.settle(ofAccount(), input, signal)))
  expect(both.map((stop) => (stop as EndpointError).stopsRun)).toEqual([true, true])
  const one = watched(1)
  expect(await one.settle(ofAccount(), 'a', signal)).toMatchObject({ stopsRun: false })
  expect(await one.settle(ofAccount(), 'b', signal)).toMatchObject({ stopsRun: true })
})
