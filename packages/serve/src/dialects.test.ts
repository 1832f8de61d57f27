import { expect, test } from 'vitest'
import { failWith } from '../../../test/support/fake-world.ts'
import { serve, type Serving } from '../../../test/support/serving.ts'

const completion = (plan: string) => `<look>seen</look>\n<plan>${plan}</plan>`
const sampleId = 'train-3'

/** What the native route says of the plan. */
async function native(serving: Serving, plan: string) {
  const { body } = await serving.post('/v1/score', { completion: completion(plan), sampleId })
  expect(body.status).toBe('scored')
  return body
}

/** The body of an answer as it arrived: slime's is a bare number. */
async function posted({ url }: Serving, path: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, body: (await answer.json()) as unknown }
}

/** Of the assistant, as the Responses API gives it. */
const said = (text: string) => ({
  output: [
    { type: 'reasoning', summary: [] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
  ],
})

test('each engine is told the native reward, in its own form and with the token that ended the turn', async () => {
  const serving = await serve()
  const { reward, streams } = await native(serving, 'paint a sun')
  const text = completion('paint a sun')
  const prompts = ['<|im_start|>user\nGo.<|im_end|>\n']
  const openRlhf = { query: [`${prompts[0]}${text}<|im_end|>`], prompts, labels: [sampleId] }
  expect(await posted(serving, '/get_reward', openRlhf)).toEqual({
    status: 200,
    body: {
      rewards: [reward],
      scores: [reward],
      extra_logs: Object.fromEntries(Object.entries(streams).map(([name, value]) => [name, [value]])),
    },
  })
  expect(await posted(serving, '/get_reward', { query: [], prompts: [], labels: [] })).toMatchObject({
    status: 200,
    body: { rewards: [] },
  })

  const slime = { prompt: 'Go.', response: `${text}</s>`, label: JSON.stringify({ sampleId }) }
  expect(await posted(serving, '/rm', slime)).toEqual({ status: 200, body: reward })
  expect(await posted(serving, '/rm?detail=true', slime)).toEqual({ status: 200, body: { reward, ...streams } })

  const verify = { responses_create_params: { input: [] }, response: said(text), verifier_metadata: { sampleId } }
  expect(await posted(serving, '/seed_session', {})).toEqual({ status: 200, body: {} })
  expect(await posted(serving, '/verify', verify)).toEqual({
    status: 200,
    body: { ...verify, ...streams, reward, reward_components: streams },
  })
  // A row of the data set may have columns that are called like a stream.
  expect(await posted(serving, '/verify', { ...verify, visual: 'mine', reward: 7 })).toMatchObject({
    body: { ...streams, reward, reward_components: streams },
  })
  expect(serving.project.world.edits).toBe(1)
})

test('where there is no reward an engine without masks is told no number: it is tried again, then an error', async () => {
  const serving = await serve({ deadlineSeconds: 3 })
  const { world } = serving.project
  let failures = 1
  world.onEdit = () => {
    failures -= 1
    if (failures >= 0) failWith('DDA_MADE_UP', 'connection')
  }
  const request = (plan: string) => ({ prompt: '', response: completion(plan), label: sampleId })
  expect(await posted(serving, '/rm', request('paint in passing'))).toMatchObject({
    status: 200,
    body: expect.any(Number),
  })
  failures = Number.POSITIVE_INFINITY
  expect(await posted(serving, '/rm', request('paint for ever'))).toMatchObject({
    status: 503,
    body: { error: { code: 'DDA_SERVE_MASKED', message: expect.stringContaining('DDA_MADE_UP') } },
  })
})

test('what is no request is refused with what is wrong, whatever it is', async () => {
  const serving = await serve()
  const refused = (path: string, body: unknown) => serving.post(path, body)
  for (const label of ['', 7, null, {}, { sampleId: '' }]) {
    const { status, body } = await refused('/rm', { prompt: '', response: completion('x'), label })
    expect(status, JSON.stringify(label)).toBe(422)
    expect(body.error).toMatchObject({ code: 'DDA_SERVE_REQUEST', next: expect.any(String) })
  }
  const other = { query: ['b'], prompts: ['a'], labels: [sampleId] }
  expect(await refused('/get_reward', other)).toMatchObject({ status: 422 })

  // Bodies of every shape, from a generator that is the same each time.
  let state = 1
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const names = ['plan', 'completion', 'sampleId', 'sample', 'seed', 'query', 'prompts', 'labels', 'label', 'response']
  const value = (depth: number): unknown => {
    const leaves = [null, true, -1, 1e308, '', '\u0000\u2028', sampleId, '__proto__', completion('paint x'), [], {}]
    const kind = random(depth > 2 ? 1 : 3)
    if (kind === 0) return leaves[random(leaves.length)]
    if (kind === 1) return Array.from({ length: random(4) }, () => value(depth + 1))
    return Object.fromEntries(
      Array.from({ length: random(5) }, () => [names[random(names.length)] ?? '', value(depth + 1)]),
    )
  }
  const paths = ['/v1/score', '/v1/score/batch', '/v1/jobs', '/get_reward', '/rm', '/verify']
  for (let round = 0; round < 100; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => refused(paths[random(paths.length)] ?? '', value(0))),
    )
    for (const { status, text } of answers) expect(status, text).toBeLessThan(500)
  }
  expect((await serving.get('/readyz')).status).toBe(200)
})
