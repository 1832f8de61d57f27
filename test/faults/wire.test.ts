import { rmSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import type { ProjectConfigInput } from '@dda-thinker/config'
import type { FailureKind, Rollout } from '@dda-thinker/plugin-api'
import { FAULTS, startFaultProxy, type Exchange, type FaultProxy } from '@dda-thinker/testkit'
import { SAMPLE, startServers, wireProject, type WireProject } from '../support/wire-project.ts'

// Hanging calls are waited for.
vi.setConfig({ testTimeout: 300_000 })

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const SAMPLES = 40
/** Attempts of a call, where nothing else is said. */
const ATTEMPTS = 5
const MODEL = 'stand-in-vlm'

interface Urls {
  readonly thinker: string
  readonly editor: string
  readonly judge: string
}

/** The blocks of a config; patient with servers, so that each fault speaks for itself. */
function blocks({ thinker, editor, judge }: Urls, options: Readonly<Record<string, unknown>> = {}): ProjectConfigInput {
  const pool = {
    perEndpoint: 32,
    timeoutSeconds: 4,
    retryDelaySeconds: 0.001,
    breakerFailures: 1_000_000,
    ...options,
  }
  return {
    thinker: { use: 'chat', endpoint: thinker, model: MODEL, ...pool },
    editor: { use: 'openai', endpoints: [editor], ...pool },
    judge: [{ use: 'vlm', endpoint: judge, model: MODEL, ...pool }],
  }
}

async function newProject(urls: Urls, options: Readonly<Record<string, unknown>> = {}, samples = SAMPLES) {
  const project = await wireProject(samples, blocks(urls, options))
  ends.push(() => rmSync(project.root, { recursive: true, force: true }))
  return project
}

async function newServers(...given: Parameters<typeof startServers>) {
  const servers = await startServers(...given)
  ends.push(() => servers.close())
  return servers
}

const urlsOf = ({ thinker, editor, judge }: { [K in keyof Urls]: { readonly url: string } }): Urls => ({
  thinker: thinker.url,
  editor: editor.url,
  judge: judge.url,
})

/** How the last exchange about each request went wrong, where it did. */
function lastFaults(exchanges: readonly Exchange[]): Map<string, FailureKind> {
  const last = new Map<string, Exchange>()
  for (const exchange of exchanges) last.set(exchange.about, exchange)
  return new Map([...last].flatMap(([about, { fault }]) => (fault === undefined ? [] : [[about, FAULTS[fault]]])))
}

function counted(kinds: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of kinds) if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

const maskedKind = ({ outcome }: Rollout) => (outcome.kind === 'masked' ? outcome.failure.kind : undefined)

/** Judges are asked twice about a sample: about its plan, and about its pictures. */
const JUDGED = /Does the plan name sample-\d+|Is sample-\d+ blue/

async function throughProxies(project: (urls: Urls) => Promise<WireProject>, share: number) {
  const servers = await newServers()
  const proxy = async (name: keyof Urls, pattern: RegExp) => {
    const made = await startFaultProxy({ target: servers[name].url, name, pattern, share })
    ends.push(() => made.close())
    return made
  }
  const proxies = {
    thinker: await proxy('thinker', SAMPLE),
    editor: await proxy('editor', SAMPLE),
    judge: await proxy('judge', JUDGED),
  }
  return { servers, proxies, project: await project(urlsOf(proxies)) }
}

/** Each rollout's end, from what the proxies did to the last attempt of each of its requests. */
function expectedKinds(proxies: Readonly<Record<keyof Urls, FaultProxy>>): Map<string, FailureKind | undefined> {
  const plan = lastFaults(proxies.thinker.exchanges)
  const edit = lastFaults(proxies.editor.exchanges)
  const judge = lastFaults(proxies.judge.exchanges)
  return new Map(
    Array.from({ length: SAMPLES }, (_, index) => {
      const id = `sample-${index}`
      const judged = judge.get(`Does the plan name ${id}`) ?? judge.get(`Is ${id} blue`)
      return [id, plan.get(id) ?? edit.get(id) ?? judged]
    }),
  )
}

test.each([
  ['without repetitions', 1],
  ['with repetitions', 4],
])('every injected fault is told as what it was, and no failure becomes a score: %s', async (_how, attempts) => {
  const clean = await newProject(urlsOf(await newServers()), { timeoutSeconds: 60 })
  const expected = new Map((await clean.eval('clean')).rollouts.map((rollout) => [rollout.sampleId, rollout]))
  const { proxies, project } = await throughProxies((urls) => newProject(urls, { attempts }), 0.1)

  const { rollouts, spending } = await project.eval('faulty')
  expect(rollouts).toHaveLength(SAMPLES)
  // Each rollout ends as the last attempts of its requests did; what is scored is scored as without any fault.
  const kinds = expectedKinds(proxies)
  for (const rollout of rollouts) {
    const kind = kinds.get(rollout.sampleId)
    expect(maskedKind(rollout), rollout.sampleId).toBe(kind)
    if (kind === undefined) {
      const { reward, verdicts, outcome } = expected.get(rollout.sampleId) ?? {}
      expect(rollout).toMatchObject({ outcome, reward, verdicts })
    } else expect(rollout.reward).toBeUndefined()
  }
  expect(counted(rollouts.map(maskedKind))).toEqual(counted([...kinds.values()]))
  // Where seven exchanges in ten fail, hardly a rollout gets through without repetitions.
  if (attempts > 1) expect(rollouts.some(({ outcome }) => outcome.kind === 'scored')).toBe(true)

  // The books of the run know every attempt: as many failures of each kind as were injected, and no other.
  for (const { url, exchanges } of Object.values(proxies)) {
    const row = spending.find(({ endpoint }) => endpoint === url)
    const injected = counted(exchanges.map(({ fault }) => (fault === undefined ? undefined : FAULTS[fault])))
    expect(row?.failed).toEqual(injected)
    expect(row?.calls).toBe(exchanges.length)
  }
  const faults = Object.values(proxies).flatMap(({ exchanges }) => exchanges.map(({ fault }) => fault))
  expect(new Set(faults).size).toBe(8)
})

test('what a faulty run lacks is asked for by the next; then a run makes no call, and a replay needs no server', async () => {
  const { servers, proxies, project } = await throughProxies((urls) => newProject(urls, { attempts: 2 }), 0.1)
  // Nothing hangs any more that should: what takes long now is the machine.
  const config = blocks(urlsOf(proxies), { attempts: 2, timeoutSeconds: 60 })
  const calls = () => servers.thinker.count + servers.editor.count + servers.judge.count
  const masked = (rollouts: readonly Rollout[]) => rollouts.filter(({ outcome }) => outcome.kind === 'masked').length
  const first = await project.eval('first')
  expect(masked(first.rollouts)).toBeGreaterThan(0)
  for (const proxy of Object.values(proxies)) proxy.heal()
  const last = await project.eval('last', { config })
  expect(masked(last.rollouts)).toBe(0)
  const asked = Object.values(proxies).map(({ exchanges }) => exchanges.length)

  const bought = calls()
  const again = await project.eval('again', { config })
  expect(calls()).toBe(bought)
  expect(Object.values(proxies).map(({ exchanges }) => exchanges.length)).toEqual(asked)
  expect(again.rollouts).toEqual(last.rollouts)
  expect(again.spending).toEqual([])

  await servers.close()
  for (const proxy of Object.values(proxies)) await proxy.close()
  expect((await project.eval('replayed', { replay: true })).rollouts).toEqual(last.rollouts)
  // A miss is an error that ends the run, not a masked rollout.
  await expect(project.eval('other', { replay: true, config: { seed: 2 } })).rejects.toMatchObject({
    code: 'DDA_REPLAY_MISS',
  })
})

test.each([
  ['an empty account', 402, 'DDA_ENDPOINT_PAYMENT'],
  ['a refused key', 401, 'DDA_ENDPOINT_KEY'],
])('%s stops the run instead of masking the rest, and the same run continues', async (_what, status, code) => {
  let good = 10
  const servers = await newServers({
    intercept: (_request, response) => {
      good -= 1
      if (good >= 0) return false
      response.writeHead(status).end('{"error":{"message":"no"}}')
      return true
    },
  })
  const project = await newProject(urlsOf(servers), { perEndpoint: 2 })
  await expect(project.eval('run')).rejects.toMatchObject({ code })
  // Those under way at that moment, and what began before the first of them was told: each makes all its attempts, whatever was still to do.
  expect(servers.editor.count).toBeLessThanOrEqual(10 + 2 * 2 * ATTEMPTS)
  good = Number.POSITIVE_INFINITY
  const before = servers.editor.count
  const { rollouts } = await project.eval('run')
  expect(counted(rollouts.map(({ outcome }) => outcome.kind))).toEqual({ scored: SAMPLES })
  expect(servers.editor.count - before).toBe(SAMPLES - 10)
})

test.each([
  ['an account', 402, 'DDA_ENDPOINT_PAYMENT'],
  ['a key', 401, 'DDA_ENDPOINT_KEY'],
  ['a firewall', 403, 'DDA_ENDPOINT_FORBIDDEN'],
])(
  '%s that refuses one input of many masks its rollout alone, and the same command tries it again',
  async (_what, status, code) => {
    let refuses = true
    const servers = await newServers({
      intercept: (_request, response, _count, body) => {
        if (!refuses || !body.includes('sample-10 ')) return false
        response.writeHead(status).end('{"error":{"message":"not this one"}}')
        return true
      },
    })
    const project = await newProject(urlsOf(servers), { perEndpoint: 2, timeoutSeconds: 60 })
    const first = await project.eval('run')
    expect(counted(first.rollouts.map(({ outcome }) => outcome.kind))).toEqual({ scored: SAMPLES - 1, masked: 1 })
    expect(first.rollouts.find(({ sampleId }) => sampleId === 'sample-10')?.outcome).toMatchObject({
      failure: { kind: 'unavailable', stage: 'edit', code, message: expect.stringContaining('not this one') },
    })
    expect(first.result).toMatchObject({
      state: 'finished',
      thinkers: { thinker: { masked: 1, causes: [{ code, count: 1, transient: 1 }] } },
    })
    refuses = false
    const before = servers.editor.count
    const second = await project.eval('run')
    expect(counted(second.rollouts.map(({ outcome }) => outcome.kind))).toEqual({ scored: SAMPLES })
    expect(servers.editor.count - before).toBe(1)
  },
)

test('judge tokens and prices of the services count against the budget', async () => {
  const servers = await newServers()
  const project = await newProject(urlsOf(servers), { perEndpoint: 1 })
  // The stand-in says 110 tokens an answer.
  const first = await project.eval('run', { config: { budget: { judgeTokens: 1100 } } })
  expect(first.result).toMatchObject({ state: 'interrupted', budget: { code: 'DDA_BUDGET_JUDGE_TOKENS' } })
  const { count } = servers.judge
  expect(count).toBe(10)
  expect(first.spending.find(({ stage, endpoint }) => stage === 'judge' && endpoint !== undefined)).toMatchObject({
    endpoint: servers.judge.url,
    calls: 10,
    inputTokens: 1000,
    outputTokens: 100,
  })
  const second = await project.eval('run', { config: { budget: { judgeTokens: 1_000_000 } } })
  expect(second.result.state).toBe('finished')
  expect(servers.judge.count).toBe(2 * SAMPLES)
})
