import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scaffold } from '@dda-thinker/scaffold'
import { projectSuite, type ProjectSuiteOptions } from '@dda-thinker/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ensureBuilt, root, temporaryFolder } from '../support/dda.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })

const place = temporaryFolder()
beforeAll(() => ensureBuilt('world', 'every'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

// Where packages are, as `npm install` leaves them; the templates' own tests, which read this suite, are run by scripts/try-templates.mjs.
symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'), 'junction')

const lab: Omit<ProjectSuiteOptions, 'test' | 'dir'> = {
  set: ['synthesize.count={train: 0, held-out: 2}'],
  standIns: {
    editor: (url) => [`editor.endpoints=["${url}"]`],
    judge: (url) => [`judge[0].endpoint=${url}`, `judge[1].endpoint=${url}`],
    thinker: (url) => [`thinker.endpoint=${url}`],
  },
  commands: [['synthesize'], ['eval', '--thinker', 'none', '--thinker', 'thinker']],
}

/** What a suite's tests say, by name: undefined for those that pass. */
async function said(options: Omit<ProjectSuiteOptions, 'test'>): Promise<Readonly<Record<string, string | undefined>>> {
  const tests: [string, () => Promise<void>][] = []
  projectSuite({ ...options, test: (name, run) => tests.push([name, run]) })
  const told: Record<string, string | undefined> = {}
  for (const [name, run] of tests) {
    told[name] = await run().then(
      () => undefined,
      (error: unknown) => String(error),
    )
  }
  return told
}

describe('of a project on servers', () => {
  const dir = join(place, 'lab')
  beforeAll(async () => void (await scaffold({ template: 'lab', dir })))

  test('its run goes through with stand-ins, and leaves the project as it was', async () => {
    const before = readdirSync(dir)
    expect(Object.values(await said({ dir, ...lab }))).toEqual([undefined, undefined])
    expect(readdirSync(dir)).toEqual(before)
  })

  test('a server that is not there shows, and so does a judge that fails', async () => {
    const { judge: _judge, ...others } = lab.standIns ?? {}
    const set = [
      ...(lab.set ?? []),
      'judge[0].attempts=1',
      'judge[1].attempts=1',
      'judge[0].endpoint=http://127.0.0.1:9/v1',
      'judge[1].endpoint=http://127.0.0.1:9/v1',
    ]
    const [sound, whole] = Object.values(await said({ dir, ...lab, set, standIns: others }))
    expect(sound).toBeUndefined()
    expect(whole).toMatch(/ended with \d/)
  })

  test('a configuration that is wrong is told with its next step', async () => {
    writeFileSync(join(dir, 'dda.config.yaml'), 'editor: { use: openia }')
    const [sound] = Object.values(await said({ dir, ...lab }))
    expect(sound).toContain('There is no editor plugin')
    expect(sound).toContain('Install the package')
  })
})

test('where the packages are missing, it says to install them', async () => {
  const [sound] = Object.values(await said({ dir: temporaryFolder(), ...lab }))
  expect(sound).toContain('npm install')
})
