import { rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { startServers, wireProject } from '../support/wire-project.ts'

const SAMPLES = 8
/** Three of them are such as no server survives. */
const BAD = /sample-[024]\b/

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const status = (code: number) => (response: ServerResponse) => {
  response.writeHead(code, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
}

/** An Editor that fails for what `isBad` says, beside a Thinker and a judge that work. */
async function projectOf(fail: (response: ServerResponse) => void, isBad: (about: string) => boolean) {
  const servers = await startServers({
    intercept: (_request, response, _count, body) => {
      const about = /Make (?:sample-\d+|the ball) blue/.exec(String(body))?.[0] ?? ''
      if (!isBad(about)) return false
      fail(response)
      return true
    },
  })
  ends.push(() => servers.close())
  const pool = { perEndpoint: 4, retryDelaySeconds: 0.001, breakerSeconds: 0.001, giveUpSeconds: 0.05, attempts: 3 }
  const chat = { model: 'stand-in-vlm', ...pool, timeoutSeconds: 60 }
  const project = await wireProject(SAMPLES, {
    thinker: { use: 'chat', endpoint: servers.thinker.url, ...chat },
    editor: { use: 'openai', endpoints: [servers.editor.url], ...pool },
    judge: [{ use: 'vlm', endpoint: servers.judge.url, ...chat }],
  })
  ends.push(() => rmSync(project.root, { recursive: true, force: true }))
  return { project }
}

const masksOf = ({ rollouts }: Awaited<ReturnType<Awaited<ReturnType<typeof wireProject>>['eval']>>) =>
  rollouts.flatMap(({ sampleId, outcome }) =>
    outcome.kind === 'masked' ? [`${sampleId} ${outcome.failure.code}`] : [],
  )

test.each([
  ['500', status(500), 'DDA_ENDPOINT_SERVER'],
  ['504', status(504), 'DDA_ENDPOINT_SERVER'],
  ['429', status(429), 'DDA_ENDPOINT_RATE_LIMIT'],
])(
  'samples that an Editor always answers with %s are masked, and each continuation of the run ends, also where they alone are left',
  async (_what, fail, code) => {
    const { project } = await projectOf(fail, (about) => BAD.test(about))
    const masked = [0, 2, 4].map((index) => `sample-${index} ${code}`)
    expect(masksOf(await project.eval('run')).toSorted()).toEqual(masked)
    for (let again = 0; again < 2; again += 1) {
      const { result, rollouts, ...more } = await project.eval('run')
      expect(result.state).toBe('finished')
      expect(masksOf({ result, rollouts, ...more }).toSorted()).toEqual(masked)
    }
  },
)

test('an Editor that answers everything with 500 stops the run, and no rollout is lost to it', async () => {
  let isBroken = true
  const { project } = await projectOf(status(500), () => isBroken)
  await expect(project.eval('run')).rejects.toMatchObject({ code: 'DDA_ENDPOINT_DOWN' })
  isBroken = false
  const continued = await project.eval('run')
  expect(continued.rollouts.map(({ outcome }) => outcome.kind)).toEqual(Array.from({ length: SAMPLES }, () => 'scored'))
})
