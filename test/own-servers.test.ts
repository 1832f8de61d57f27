import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startStandIn as startEditor } from '../plugins/editor-openai/src/stand-in-server.ts'
import { startStandIn as startJudge } from '../plugins/judge-vlm/src/stand-in-server.ts'
import { startStandIn as startThinker } from '../plugins/thinker-chat/src/stand-in-server.ts'
import { ensureBuilt, installPluginApi, root, temporaryFolder } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })

const MODEL = 'Qwen3-VL-32B-Instruct'

beforeAll(() => ensureBuilt('world'))

/** The configuration of the guide as it stands, but for where its servers are. */
function configOf(guide: string, urls: Readonly<Record<string, string>>): string {
  const text = /^```yaml file=dda\.config\.yaml\n(.*?)^```$/ms.exec(guide)?.[1] ?? ''
  const moved = text.replaceAll(/"(http:[^"]+)"/g, (_, url: string) => JSON.stringify(urls[url] ?? `unknown ${url}`))
  // Thinker and judges are one server in the guide, and two stand-ins here.
  return moved.replace(/^thinker:.*$/m, (line) => line.replace(urls['judge'] ?? '', urls['thinker'] ?? ''))
}

test('the configuration of the guide for own servers is sound and runs, and its commands do what it says', async () => {
  const editors = [await startEditor(), await startEditor()]
  const [judge, thinker] = [
    await startJudge({ model: MODEL, opinion: () => 'no' }),
    await startThinker({ model: MODEL }),
  ]
  const dir = temporaryFolder()
  onTestFinished(async () => {
    await Promise.all([...editors, judge, thinker].map((server) => server.close()))
    rmSync(dir, { recursive: true, force: true })
  })
  mkdirSync(dir, { recursive: true })
  installPluginApi(dir)
  const [first = '', second = ''] = editors.map(({ url }) => url)
  const urls = {
    'http://gpu-1:8091/v1': first,
    'http://gpu-2:8091/v1': second,
    'http://gpu-3:8000/v1': judge.url,
    judge: judge.url,
    thinker: thinker.url,
  }
  const guide = readFileSync(join(root, 'docs/guide/own-servers.md'), 'utf8')
  writeFileSync(join(dir, 'dda.config.yaml'), configOf(guide, urls))

  expect(await ddaHere(dir, 'config', 'check')).toMatchObject({ exitCode: 0 })
  expect((await ddaHere(dir, 'synthesize')).data).toMatchObject({ samples: 12 })
  const found = await ddaHere(dir, 'doctor')
  expect(found).toMatchObject({ exitCode: 0 })
  expect(found.data.roles).toMatchObject([
    { role: 'editor', endpoints: [{ url: first }, { url: second }], canary: { found: 'bitwise' } },
    { role: 'judge' },
    { role: 'judge' },
    { role: 'thinker' },
  ])
  const { data } = await ddaHere(dir, 'eval', '--thinker', 'none', '--thinker', 'thinker')
  expect(data).toMatchObject({ state: 'finished', thinkers: { none: { scored: 12 }, thinker: { scored: 12 } } })
  const { rows } = (await ddaHere(dir, 'runs', 'show', data.run)).data.spending
  const paid = rows.filter(({ stage, endpoint }: { stage: string; endpoint?: string }) => stage === 'edit' && endpoint)
  expect(paid).toHaveLength(2)

  const calls = editors[0]?.count
  const rejudged = await ddaHere(dir, 'rejudge', data.run, '--set', 'judge[1].reasons=false')
  expect(rejudged).toMatchObject({ exitCode: 0, data: { source: data.run } })
  expect((await ddaHere(dir, 'compare', `${data.run}/none`, `${data.run}/thinker`)).exitCode).toBe(0)
  expect(editors[0]?.count).toBe(calls)
})
