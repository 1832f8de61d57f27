import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ddaHere } from '../support/in-process.ts'
import { wireFiles } from '../support/wire-files.ts'
import { startServers } from '../support/wire-project.ts'

const EVAL = ['eval', '--thinker', 'thinker'] as const

/** A project whose first Editor has credit for so many edits, and another server of the same model. */
async function project(credit: number) {
  let left = credit
  const first = await startServers({
    intercept: (_request, response) => {
      left -= 1
      if (left >= 0) return false
      response.writeHead(402).end('{"error":{"message":"no credit"}}')
      return true
    },
  })
  const second = await startServers()
  const dir = wireFiles(first, { samples: 6, atOnce: 1 })
  onTestFinished(async () => {
    await Promise.all([first.close(), second.close()])
    rmSync(dir, { recursive: true, force: true })
  })
  expect((await ddaHere(dir, 'synthesize')).exitCode).toBe(0)
  return {
    dir,
    first,
    second,
    moved: ['--set', `editor.endpoints=[${second.editor.url}]`, '--set', 'editor.attempts=2'],
  }
}

test.each([
  ['found by its settings', []],
  ['called by its name', ['--name', 'mine']],
])('a run continues at a server that has moved, and buys nothing again: %s', async (_how, name) => {
  const { dir, second, moved } = await project(4)
  const stopped = await ddaHere(dir, ...EVAL, ...name)
  expect(stopped).toMatchObject({ ok: false, error: { code: 'DDA_ENDPOINT_PAYMENT' } })
  const continued = await ddaHere(dir, ...EVAL, ...name, ...moved)
  expect(continued).toMatchObject({ exitCode: 0, data: { thinkers: { thinker: { scored: 6, masked: 0 } } } })
  expect(second.editor.count).toBe(2)
  // One record: it was not begun anew.
  const { data } = await ddaHere(dir, 'runs', 'list')
  expect(data.runs).toMatchObject([{ name: continued.data.run, state: 'finished' }])
})

test('anything else that changed is refused by name, with the ways on, and continued where that is asked for', async () => {
  const { dir, moved } = await project(4)
  const named = [...EVAL, '--name', 'mine'] as const
  await ddaHere(dir, ...named)
  const config = join(dir, 'dda.config.json')
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), seed: 7 }))
  expect(await ddaHere(dir, ...named, ...moved)).toMatchObject({
    exitCode: 2,
    error: {
      code: 'DDA_RUN_CONFIG_CHANGED',
      message: expect.stringMatching(/: seed$/),
      next: expect.stringMatching(/--name.*--allow-config-change/),
    },
  })
  const continued = await ddaHere(dir, ...named, ...moved, '--allow-config-change')
  expect(continued).toMatchObject({ exitCode: 0, data: { run: 'mine', thinkers: { thinker: { scored: 6 } } } })
  expect(continued.warnings.join()).toContain('seed')
})
