import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { JudgeOptions } from './index.ts'
import { withJudge } from './judge.fixture.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const fail =
  (status: number, body: object, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { ...JSON_TYPE, ...headers }).end(JSON.stringify(body))
const good = (choices: unknown) => (response: ServerResponse) =>
  void response.writeHead(200, JSON_TYPE).end(JSON.stringify({ choices }))

/** Faults that pass: the first call fails, the second is answered. */
test.each<[string, (response: ServerResponse) => void]>([
  ['429 with retry-after-ms', fail(429, { error: { message: 'slow down' } }, { 'retry-after-ms': '5' })],
  ['500', fail(500, { error: { message: 'out of memory' } })],
  ['503 from a proxy', (response) => void response.writeHead(503, { 'content-type': 'text/html' }).end('<html>')],
  ['broken JSON', (response) => void response.writeHead(200, JSON_TYPE).end('{"choices": [{"mess')],
  [
    'a body cut short',
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '500' })
      response.write('{"choices"', () => response.socket?.end())
    },
  ],
  ['a web page', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>ok</html>')],
  ['a reset connection', (response) => void response.socket?.resetAndDestroy()],
  ['no choice', good([])],
  ['a choice without a message', good([{ index: 0, finish_reason: 'stop' }])],
  ['an error dressed as a good answer', fail(200, { error: { message: 'engine died' } })],
])('%s is asked again', (_, wreck) =>
  withJudge(
    {},
    { intercept: (_request, response, count) => count === 1 && (wreck(response), true) },
    async ({ ask, server, visual }) => {
      expect(await ask(visual('Is it unchanged?'))).toMatchObject([{ answer: 'no' }])
      expect(server.count).toBe(2)
    },
  ),
)

const message = (content: unknown, more = {}) => [
  { index: 0, message: { role: 'assistant', content, ...more }, finish_reason: 'stop' },
]

/** Faults that stay: each ends in its kind, none in a verdict. */
test.each<[string, (response: ServerResponse) => void, { code: string; kind: string }, number, Partial<JudgeOptions>?]>(
  [
    ['429', fail(429, { error: { message: 'slow down' } }), { code: 'DDA_ENDPOINT_RATE_LIMIT', kind: 'rate-limit' }, 3],
    ['500', fail(500, {}), { code: 'DDA_ENDPOINT_SERVER', kind: 'server' }, 3],
    ['401', fail(401, { error: { message: 'bad key' } }), { code: 'DDA_ENDPOINT_KEY', kind: 'unavailable' }, 1],
    // Whether an account pays for nothing at all is asked by something made up.
    ['402', fail(402, {}), { code: 'DDA_ENDPOINT_PAYMENT', kind: 'unavailable' }, 2],
    [
      'a prompt that is too long',
      fail(400, { error: { message: 'maximum context length is 4096' } }),
      { code: 'DDA_ENDPOINT_REJECTED', kind: 'bad-input' },
      1,
    ],
    [
      'broken JSON',
      (response) => void response.writeHead(200, JSON_TYPE).end('{"choi'),
      { code: 'DDA_ENDPOINT_JSON', kind: 'bad-output' },
      2,
    ],
    [
      'a web page',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      { code: 'DDA_ENDPOINT_CONTENT_TYPE', kind: 'bad-output' },
      2,
    ],
    ['no choice', good([]), { code: 'DDA_CHAT_EMPTY', kind: 'bad-output' }, 2],
    ['a hanging server', () => {}, { code: 'DDA_ENDPOINT_TIMEOUT', kind: 'timeout' }, 3, { timeoutSeconds: 1 }],
    [
      'the refusal field',
      good(message(null, { refusal: 'I cannot judge this.' })),
      { code: 'DDA_CHAT_REFUSED', kind: 'refusal' },
      1,
    ],
    [
      'a content filter',
      good([{ message: { content: '' }, finish_reason: 'content_filter' }]),
      { code: 'DDA_CHAT_REFUSED', kind: 'refusal' },
      1,
    ],
    ['free text', good(message('Yes, it certainly is.')), { code: 'DDA_JUDGE_UNPARSABLE', kind: 'bad-output' }, 3],
    ['no content', good(message(null)), { code: 'DDA_JUDGE_UNPARSABLE', kind: 'bad-output' }, 3],
    ['a verdict too few', good(message('{}')), { code: 'DDA_JUDGE_UNPARSABLE', kind: 'bad-output' }, 3],
    [
      'an answer cut at the limit',
      good([{ message: { content: '{"1": {"reason": "the' }, finish_reason: 'length' }]),
      { code: 'DDA_JUDGE_UNPARSABLE', kind: 'bad-output' },
      3,
    ],
  ],
)('%s, again and again, is a failure', (_, wreck, expected, calls, options = {}) =>
  withJudge(
    { attempts: 3, giveUpSeconds: 0, ...options },
    { intercept: (_request, response) => (wreck(response), true) },
    async ({ ask, server, visual }) => {
      await expect(ask(visual('Is it?'))).rejects.toMatchObject({ ...expected, next: expect.any(String) as string })
      expect(server.count).toBe(calls)
    },
  ),
)

test('an answer cut at the limit says what to raise', () =>
  withJudge(
    { maxTokens: 9 },
    { choice: () => ({ message: { content: '{"1"' }, finish_reason: 'length' }) },
    async ({ ask, visual }) => {
      await expect(ask(visual('Is it?'))).rejects.toMatchObject({
        next: expect.stringContaining('maxTokens') as string,
      })
    },
  ))

test('where one item fails there is no half list of verdicts, and the other calls are given up', () =>
  withJudge(
    { ask: 'item', attempts: 1 },
    {
      intercept: (_request, response, count) => {
        if (count === 2) fail(500, {})(response)
        // The others are never answered.
        return true
      },
    },
    async ({ ask, server, visual }) => {
      await expect(ask(visual('A?', 'B?', 'C?'))).rejects.toMatchObject({ code: 'DDA_ENDPOINT_SERVER' })
      expect(server.count).toBeGreaterThan(1)
    },
  ))

test('stops when it is told to, in the middle of a call', () =>
  withJudge({}, { intercept: () => true }, async ({ ask, server, visual }) => {
    const controller = new AbortController()
    const asked = ask(visual('Is it?'), controller.signal)
    while (server.count === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    controller.abort(new Error('the run ends'))
    await expect(asked).rejects.toThrow('the run ends')
  }))

test('a picture that is too large is not sent', () =>
  withJudge({ maxImageBytes: 10 }, {}, async ({ ask, server, visual }) => {
    await expect(ask(visual('Is it?'))).rejects.toMatchObject({ code: 'DDA_IMAGE_TOO_LARGE', kind: 'bad-input' })
    expect(server.count).toBe(0)
  }))
