import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { cognitive, withJudge } from './judge.fixture.ts'
import type { JudgeOptions } from './index.ts'

const said = (content: unknown, more: object = {}, finish = 'stop') => ({
  choice: () => ({ message: { content, ...more }, finish_reason: finish }),
})

/** As vLLM 0.32 does: fields that it does not know change nothing. */
const ignoring = (content: string) => ({
  intercept: (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST') return false
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices }))
    return true
  },
})

test.each<[string, object, Partial<JudgeOptions>, RegExp, RegExp]>([
  ['free text', said('Well, it is rather good.'), {}, /The last one: Well, it is rather good/, /structured/],
  [
    'guided_json on a server that ignores it',
    ignoring('Yes!'),
    { structured: 'guided_json' },
    /Yes!/,
    /structured_outputs/,
  ],
  ['a grammar full of blanks', said(`{"1": {${' \n'.repeat(50)}`, {}, 'length'), {}, /\{"1"/, /disable_any_whitespace/],
  [
    'an answer cut short',
    said('{"1": {"reason": "the', {}, 'length'),
    { maxTokens: 9 },
    /cut/,
    /Raise maxTokens \(9\)/,
  ],
  ['thinking aloud', said('<think>hm</think>{"1": {"answer": "yes"}}'), {}, /think/, /answerAfter/],
])('%s: the error shows it and names the setting', (_name, server, options, message, next) =>
  withJudge({ reasons: false, ...options }, server, async ({ ask }) => {
    await expect(ask(cognitive('plan', 'Is it?'))).rejects.toMatchObject({
      code: 'DDA_JUDGE_UNPARSABLE',
      message: expect.stringMatching(message) as string,
      next: expect.stringMatching(next) as string,
    })
  }),
)

test.each([
  ['reasoning_content', 'stop', /enable_thinking/],
  ['reasoning', 'length', /maxTokens/],
])('reasoning in %s and no answer (%s) is named as that', (field, finish, next) =>
  withJudge({}, said(null, { [field]: 'The ball is red, so' }, finish), async ({ ask }) => {
    await expect(ask(cognitive('plan', 'Is it?'))).rejects.toMatchObject({
      code: 'DDA_CHAT_ONLY_REASONING',
      kind: 'bad-output',
      next: expect.stringMatching(next) as string,
    })
  }),
)

const token = (word: string, logprob: number) => ({ token: word, logprob })
const scored = (...written: readonly { readonly token: string; readonly top: readonly object[] }[]) => ({
  choice: () => ({
    message: { content: written.map((one) => one.token).join('') },
    finish_reason: 'stop',
    logprobs: {
      content: written.map((one) => ({ token: one.token, logprob: -0.1, top_logprobs: one.top })),
    },
  }),
})
const soft = { score: 'logprobs', answerAttempts: 1 } as const

test('numbers above 0 are no log-probabilities: a failure, never a no; rounding is borne', async () => {
  for (const logprob of [0.5, 800]) {
    await withJudge(soft, scored({ token: 'yes', top: [token('yes', logprob), token('no', -3)] }), async ({ ask }) => {
      await expect(ask(cognitive('plan', 'Is it?'))).rejects.toMatchObject({ code: 'DDA_JUDGE_UNPARSABLE' })
    })
  }
  await withJudge(soft, scored({ token: 'yes', top: [token('yes', 1e-6), token('no', -30)] }), async ({ ask }) => {
    expect(await ask(cognitive('plan', 'Is it?'))).toMatchObject([
      { answer: 'yes', probability: expect.closeTo(1) as number },
    ])
  })
})

test('with answerAfter soft scores are read behind the mark, however it is cut into tokens', () =>
  withJudge(
    { ...soft, answerAfter: '</think>' },
    scored(
      { token: 'no', top: [token('no', -0.01)] },
      { token: '</th', top: [] },
      { token: 'ink>', top: [] },
      { token: '\n', top: [] },
      { token: 'Yes', top: [token('Yes', -0.05), token('No', -3)] },
    ),
    async ({ ask }) => {
      expect(await ask(cognitive('plan', 'Is it?'))).toMatchObject([{ answer: 'yes' }])
    },
  ))

test('a judge that is never sure is named, once', async () => {
  const lines: string[] = []
  await withJudge({ reasons: false }, said('{"1": {"answer": "unsure"}}'), async ({ ask, warnings }) => {
    for (let i = 0; i < 25; i++) await ask(cognitive(`plan ${i}`, 'Is it?'))
    lines.push(...warnings)
  })
  expect(lines.filter((line) => line.includes('unsure'))).toHaveLength(1)
})
