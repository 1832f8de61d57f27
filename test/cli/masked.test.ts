// What becomes of failures that pass, through the command line and a real HTTP server that is sick for a while.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type StandIn, startStandIn } from '../../plugins/editor-edit-http/src/stand-in-server.ts'
import { main } from '../../packages/cli/src/index.ts'
import { ensureBuilt, tinyProject } from '../support/dda.ts'
import { ddaHere, ddaSaid } from '../support/in-process.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

let project: ReturnType<typeof tinyProject>
let server: StandIn
/** Status that edits are answered with; undefined: they are made. One of the numbers of the calls only, where given. */
let sick: { readonly status: number; readonly calls?: ReadonlySet<number> } | undefined

beforeEach(async () => {
  ensureBuilt()
  sick = undefined
  server = await startStandIn({
    intercept: (request, response, count) => {
      if (sick === undefined || sick.calls?.has(count) === false) return false
      request.resume()
      response.writeHead(sick.status, { 'content-type': 'application/json' }).end('{"detail":"the device is lost"}')
      return true
    },
  })
  project = tinyProject()
  writeFileSync(
    join(project.dir, 'dda.config.yaml'),
    `name: tiny
synthesizer: [{ use: ./tiny.mjs }]
curator: [{ use: difficulty, rollouts: 2, minStd: 0 }]
editor:
  use: edit-http
  endpoints: ["${server.url}"]
  model: stand-in
  attempts: 1
  perEndpoint: 1
judge: [{ use: ./even.mjs }]
reward: { use: dual-atomic }
trainer: { use: ./tiny.mjs }
synthesize: { count: { train: 4, held-out: 8 } }
`,
  )
  // The pictures of the stand-in are stripes: a judge of their bytes.
  writeFileSync(
    join(project.dir, 'even.mjs'),
    `import { API_VERSION, definePlugin, JUDGES, Type } from '@dda-thinker/plugin-api'
export default definePlugin({
  name: 'even-judge',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup: (api) =>
    api.contribute(JUDGES, () => ({
      fingerprint: 'even-judge',
      scopes: ['cognitive', 'visual'],
      concurrency: 4,
      judge: async (request) => {
        const text = request.scope === 'cognitive' ? request.plan : request.edited.hash
        const answer = text.charCodeAt(0) % 2 === 0 ? 'yes' : 'no'
        return request.items.map(({ id }) => ({ itemId: id, answer, judge: 'even-judge' }))
      },
    })),
})
`,
  )
  expect(await ddaHere(project.dir, 'synthesize')).toMatchObject({ ok: true })
})
afterEach(async () => {
  project.remove()
  await server.close()
})

const EVAL = ['eval', '--thinker', 'none', '--name', 'seen'] as const
const journal = (name = 'seen') => readFileSync(join(project.dir, 'runs', name, 'journal.jsonl'), 'utf8')

async function printed(...args: readonly string[]): Promise<string> {
  let text = ''
  const stderr = { isTTY: false, columns: 100, write: () => true } as unknown as NodeJS.WriteStream
  await main([...args, '--cwd', project.dir], { stdout: (more) => void (text += more), stderr })
  return text
}

test('a sick server masks; output, envelope, `runs show` and report say why; the same command then measures the rest', async () => {
  expect(await ddaHere(project.dir, ...EVAL, '--name', 'whole')).toMatchObject({ ok: true })
  // Not from the cache of that one.
  await ddaHere(project.dir, 'synthesize', '--set', 'seed=9')
  const seeded = [...EVAL, '--set', 'seed=9'] as const
  sick = { status: 500, calls: new Set([9, 11, 12, 16]) }
  const broken = await ddaHere(project.dir, ...seeded)
  const cause = {
    stage: 'edit',
    plugin: 'editor-edit-http',
    code: 'DDA_ENDPOINT_SERVER',
    kind: 'server',
    count: 4,
    transient: 4,
    message: expect.stringContaining('the device is lost'),
    next: expect.stringMatching(/\w+.*\.$/),
  }
  expect(broken).toMatchObject({ exitCode: 5, data: { thinkers: { none: { masked: 4, causes: [cause] } } } })
  sick = { status: 500 }
  const text = await printed(...seeded)
  expect(text).toMatch(/masked because +stage +plugin +code +kind +rollouts\nnone +edit +editor-edit-http/)
  expect(text).toContain('the device is lost')
  expect(text).toContain('the same command tries them again')
  expect(await printed('runs', 'show', 'seen')).toContain('the device is lost')
  expect((await ddaHere(project.dir, 'runs', 'show', 'seen')).data).toMatchObject({
    scores: { none: { causes: [cause] } },
    causes: { none: [cause] },
  })
  const report = await ddaHere(project.dir, 'report', 'seen')
  const page = readFileSync(report.data.report, 'utf8')
  expect(page).toContain('What could not be measured, and why')
  expect(page).toContain('the device is lost')

  sick = undefined
  const before = server.count
  const mended = await ddaHere(project.dir, ...seeded)
  expect(mended).toMatchObject({ exitCode: 0, data: { thinkers: { none: { masked: 0, causes: [] } } } })
  expect(server.count - before).toBe(4)
  expect(await printed('runs', 'show', 'seen')).not.toContain('masked because')
  expect(await ddaHere(project.dir, ...seeded, '--name', 'clean')).toMatchObject({ ok: true })
  expect(journal()).toBe(journal('clean'))
})

test('curation that could not measure a sample ends with 5, names it and keeps the old file', async () => {
  expect(await ddaHere(project.dir, 'curate')).toMatchObject({ exitCode: 0, data: { kept: 12 } })
  const curated = readFileSync(join(project.dir, 'data/curated.jsonl'), 'utf8')
  const seeded = ['curate', '--set', 'seed=9'] as const
  sick = { status: 503, calls: new Set([server.count + 3]) }
  const partial = await ddaHere(project.dir, ...seeded)
  expect(partial).toMatchObject({
    ok: false,
    exitCode: 5,
    data: { state: 'partial', unmeasured: [expect.stringMatching(/^train-/)], causes: [{ count: 1, stage: 'edit' }] },
  })
  expect(readFileSync(join(project.dir, 'data/curated.jsonl'), 'utf8')).toBe(curated)
  sick = { status: 500 }
  const text = await printed(...seeded)
  expect(text).toContain('Nothing is curated')
  expect(text).toContain('Continue with: dda curate')
  sick = undefined
  expect(await ddaHere(project.dir, ...seeded)).toMatchObject({ exitCode: 0, data: { state: 'finished', kept: 12 } })
})

test('curation of which every rollout fails is an error', async () => {
  sick = { status: 500 }
  const failed = await ddaHere(project.dir, 'curate')
  expect(failed).toMatchObject({
    exitCode: 3,
    error: { code: 'DDA_CURATE_ALL_MASKED', next: expect.stringMatching(/\w+.*\.$/) },
  })
})

test('`dda edit` passes on what the error says to do next', async () => {
  sick = { status: 500 }
  writeFileSync(join(project.dir, 'one.png'), readFileSync(firstPicture()))
  const failed = await ddaHere(project.dir, 'edit', 'one.png', 'make it blue', '--thinker', 'none')
  expect(failed).toMatchObject({ exitCode: 3, error: { code: 'DDA_ENDPOINT_SERVER', stage: 'edit' } })
  expect(failed.error.next).not.toContain('dda doctor')
})

test('an Editor of the project that throws: its stack for who asks for it, and no figure where nothing is left', async () => {
  writeFileSync(
    join(project.dir, 'boom.mjs'),
    `import { API_VERSION, definePlugin, EDITOR, Type } from '@dda-thinker/plugin-api'
export default definePlugin({
  name: 'boom',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup: (api) =>
    api.provide(EDITOR, () => ({
      fingerprint: 'boom',
      supports: { determinism: 'bitwise', concurrency: 1, maxImages: 1 },
      edit: async () => brushes(),
    })),
})
function brushes() {
  throw new Error('out of paint')
}
`,
  )
  const evaluation = ['eval', '--thinker', 'none', '--limit', '1', '--set', 'editor={use: ./boom.mjs}']
  const quiet = await ddaSaid(project.dir, ...evaluation)
  expect(quiet.code).toBe(5)
  expect(quiet.stderr).toContain('Every rollout was masked: there is no figure')
  expect(quiet.stderr).not.toContain('at brushes')
  const asked = await ddaSaid(project.dir, ...evaluation, '--debug', '--name', 'asked')
  expect(asked.stderr).toMatch(/out of paint\n +at brushes \(.*boom\.mjs/)
  // What ends the run says where the plugin is: who reads it has written it.
  const shut = readFileSync(join(project.dir, 'boom.mjs'), 'utf8').replace(
    'edit:',
    'open: async () => brushes(), edit:',
  )
  writeFileSync(join(project.dir, 'shut.mjs'), shut)
  const { error } = await ddaHere(project.dir, ...evaluation, '--set', 'editor={use: ./shut.mjs}')
  expect(error).toMatchObject({ code: 'DDA_PLUGIN_FAILED', plugin: 'boom', location: join(project.dir, 'shut.mjs') })
})

function firstPicture(): string {
  const [line = ''] = readFileSync(join(project.dir, 'data/samples.jsonl'), 'utf8').split('\n')
  const { hash } = (JSON.parse(line) as { images: readonly { hash: string }[] }).images[0] ?? { hash: '' }
  return join(project.dir, 'data/store', hash.slice(0, 2), hash.slice(2, 3), `${hash}.png`)
}
