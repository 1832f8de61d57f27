import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { ddaHere } from '../support/in-process.ts'
import { purchases, readJournalFile } from '../support/records.ts'
import { wireFiles } from '../support/wire-files.ts'
import { startServers } from '../support/wire-project.ts'

const SAMPLES = 24
const AT_ONCE = 2
const GOOD = 9
const EVAL = ['eval', '--thinker', 'thinker', '--name', 'mine'] as const

/** Refuses what comes while `isRefused`, and tells how often. */
async function refusingServers(status: number, isRefused: () => boolean) {
  let refused = 0
  const servers = await startServers({
    intercept: (_request, response) => {
      if (!isRefused()) return false
      refused += 1
      response.writeHead(status).end('{"error":{"message":"no"}}')
      return true
    },
  })
  onTestFinished(() => servers.close())
  const dir = wireFiles(servers, { samples: SAMPLES, atOnce: AT_ONCE })
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  expect((await ddaHere(dir, 'synthesize')).exitCode).toBe(0)
  return { servers, dir, refused: () => refused }
}

test.each([
  ['an account without credit', 402, 'DDA_ENDPOINT_PAYMENT', /credit/],
  ['a refused key', 401, 'DDA_ENDPOINT_KEY', /key/],
])(
  '%s stops a run, which says so and how to go on, and is continued without buying anything again',
  async (_what, status, code, next) => {
    let left = GOOD
    const { servers, dir } = await refusingServers(status, () => --left < 0)

    const stopped = await ddaHere(dir, ...EVAL)
    const same = `dda ${EVAL.join(' ')} --json --cwd ${dir}`
    expect(stopped).toMatchObject({
      ok: false,
      exitCode: 3,
      error: { code, next: expect.stringMatching(next), continue: same },
    })
    expect(stopped.stderr).toContain(`continue: ${same}`)

    // The record says so as well, to people and to scripts.
    const listed = await ddaHere(dir, 'runs', 'list')
    expect(listed.data.runs).toMatchObject([{ name: 'mine', state: 'stopped', error: { code } }])
    const shown = await ddaHere(dir, 'runs', 'show', 'mine')
    expect(shown.data).toMatchObject({ state: 'stopped', error: { code, next: expect.stringMatching(next) } })
    expect(readJournalFile(dir, 'mine').rollouts.filter(({ outcome }) => outcome.kind === 'masked')).toEqual([])

    left = Number.POSITIVE_INFINITY
    const before = servers.editor.count
    const continued = await ddaHere(dir, ...EVAL)
    expect(continued).toMatchObject({ ok: true, exitCode: 0, data: { run: 'mine', state: 'finished' } })
    expect(continued.data.thinkers.thinker).toMatchObject({ scored: SAMPLES, masked: 0 })
    expect(servers.editor.count - before).toBe(SAMPLES - GOOD)
    expect(purchases(dir).boughtTwice).toEqual([])
    expect((await ddaHere(dir, 'runs', 'list')).data.runs).toMatchObject([{ name: 'mine', state: 'finished' }])
  },
)

test.each([401, 402, 403, 404, 302])(
  'a stray %d between good answers costs a repeat and nothing else',
  async (status) => {
    let asked = 0
    // One of eight, and never twice in a row: also where two calls run side by side, each has its own good answer next.
    const { dir, refused } = await refusingServers(status, () => ++asked % 8 === 0)
    const done = await ddaHere(dir, ...EVAL)
    expect(done, done.stderr).toMatchObject({ ok: true, exitCode: 0, data: { state: 'finished' } })
    expect(done.data.thinkers.thinker).toMatchObject({ scored: SAMPLES, masked: 0 })
    expect(refused()).toBeGreaterThan(2)
    expect(purchases(dir).boughtTwice).toEqual([])
  },
)

test('a key refused by the first call after a stop is a refused key, and not tried again', async () => {
  let good = GOOD
  const { dir, refused } = await refusingServers(401, () => --good < 0)
  expect((await ddaHere(dir, ...EVAL)).error).toMatchObject({ code: 'DDA_ENDPOINT_KEY' })
  const before = refused()
  expect(await ddaHere(dir, ...EVAL)).toMatchObject({ exitCode: 3, error: { code: 'DDA_ENDPOINT_KEY' } })
  // Those side by side, and at most one that began before the first was known; five attempts each would be ten.
  expect(refused() - before).toBeLessThanOrEqual(2 * AT_ONCE)
  good = Number.POSITIVE_INFINITY
  expect(await ddaHere(dir, ...EVAL)).toMatchObject({ exitCode: 0, data: { thinkers: { thinker: { masked: 0 } } } })
})
