import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkReward,
  HOOK_IDENTITY,
  HOOK_NAMES,
  isPlugin,
  type HookName,
  type ImageStore,
  type JudgeShare,
  type Plugin,
  type PluginApi,
  type Static,
  type TSchema,
} from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext, makePng, makeSample, makeVerdict } from './fakes/index.ts'
import type { TestFunction } from './harness.ts'
import { HOOK_NOUNS } from './hook-nouns.ts'
import { problemsOf } from './plugin-tester.ts'

export interface HookSuiteOptions<S extends TSchema = TSchema> {
  readonly test: TestFunction
  /** What the package exports. */
  readonly plugin: Plugin<S>
  /** As a configuration has them; what they leave out are defaults. Default: none. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Does it look on alone, as a tracker does? Then no tap gives anything back. Default false. */
  readonly observes?: boolean
}

/** Stages that work on many at once; the others go one by one. */
const OF_ROLLOUTS: ReadonlySet<HookName> = new Set(['plan', 'edit', 'judge'])

type AnyTap = (noun: unknown, info: unknown) => unknown

/** A plugin that was set up: its taps, and its end. */
interface Tapped {
  readonly taps: readonly { readonly hook: HookName; readonly fn: AnyTap }[]
  /** Calls all that `onDispose` was given, last in first out. */
  end(): Promise<void>
}

/** Registers the conformance tests of a plugin that taps hooks. */
export function hookSuite<S extends TSchema>(options: HookSuiteOptions<S>): void {
  const { test, observes = false } = options

  test('declares its taps in setup, at once and by the names of hooks', () =>
    withRunDir(async (runDir) => {
      assert.ok(isPlugin(options.plugin), 'the plugin is made by definePlugin')
      const { taps } = setUp(options, runDir)
      assert.ok(taps.length > 0, 'it taps a hook')
      for (const { hook } of taps) assert.ok(HOOK_NAMES.includes(hook), `${hook} is one of ${HOOK_NAMES.join(', ')}`)
    }))

  test('takes whatever its stages make, leaves it alone, and keeps whose it is', () =>
    withRunDir(async (runDir) => {
      const tapped = setUp(options, runDir)
      for (const { hook, fn } of tapped.taps) {
        for (const [what, noun] of Object.entries(HOOK_NOUNS[hook])) checkResult(hook, what, noun, await call(fn, noun))
      }
      await tapped.end()
    }))

  test('works on many rollouts at once', () =>
    withRunDir(async (runDir) => {
      const tapped = setUp(options, runDir)
      for (const { hook, fn } of tapped.taps.filter(({ hook: one }) => OF_ROLLOUTS.has(one))) {
        const nouns = Array.from({ length: 16 }, () => Object.entries(HOOK_NOUNS[hook])).flat()
        const results = await Promise.all(nouns.map(([, noun]) => call(fn, noun)))
        results.forEach((result, i) => checkResult(hook, nouns[i]?.[0] ?? '', nouns[i]?.[1] as object, result))
      }
      await tapped.end()
    }))

  test('works where there is no run folder and no step, as in curation', async () => {
    const tapped = setUp(options, undefined)
    for (const { hook, fn } of tapped.taps) {
      for (const [what, noun] of Object.entries(HOOK_NOUNS[hook])) {
        checkResult(hook, what, noun, await call(fn, noun, { step: 0 }))
      }
    }
    await tapped.end()
  })

  test('ends where it saw nothing', () => withRunDir((runDir) => setUp(options, runDir).end()))

  test('a run that is continued sets it up again, in the same folder', () =>
    withRunDir(async (runDir) => {
      for (let session = 0; session < 2; session++) {
        const tapped = setUp(options, runDir)
        for (const { hook, fn } of tapped.taps) {
          for (const noun of Object.values(HOOK_NOUNS[hook])) await call(fn, noun)
        }
        await tapped.end()
      }
    }))

  test('writes into the folder of the run alone', () =>
    withRunDir(async (runDir) => {
      const tapped = setUp(options, runDir)
      for (const { hook, fn } of tapped.taps) {
        for (const noun of Object.values(HOOK_NOUNS[hook])) await call(fn, noun)
      }
      await tapped.end()
      assert.deepEqual(await readdir(join(runDir, '..')), ['run'], 'nothing was written beside the folder of the run')
    }))

  test('lets through what a question to the judges throws', async () => {
    const stop = new Error('the budget is used up')
    let asked = 0
    const ask = (): Promise<never> => {
      asked += 1
      return Promise.reject(stop)
    }
    const thrown: unknown[] = []
    for (const { hook, fn } of setUp(options, undefined).taps.filter(({ hook: one }) => one === 'judge')) {
      for (const noun of Object.values(HOOK_NOUNS[hook])) {
        await call(fn, noun, { ask }).catch((error: unknown) => thrown.push(error))
      }
    }
    assert.ok(
      thrown.every((error) => error === stop || (error as Error).cause === stop),
      `it threw ${thrown.map(String).join(', ')}`,
    )
    if (asked > 0) assert.ok(thrown.length > 0, 'what `ask` threw did not come through')
  })

  function checkResult(hook: HookName, what: string, noun: object, result: unknown): void {
    if (result === undefined) return
    assert.ok(!observes, `${hook}, ${what}: an observer gives nothing back`)
    assert.ok(typeof result === 'object' && result !== null, `${hook}, ${what}: a tap gives a noun or nothing`)
    const identity = HOOK_IDENTITY[hook] as (of: object) => unknown
    assert.deepEqual(identity(result), identity(noun), `${hook}, ${what}: what must stay the same`)
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result, `${hook}, ${what}: the noun survives JSON`)
    const { plan, reward } = result as { readonly plan?: never; readonly reward?: never }
    if (hook === 'judge' && plan !== undefined && reward !== undefined) checkReward(plan, reward)
  }
}

/** Sets a plugin up as a run does, and gives its taps. */
function setUp<S extends TSchema>({ plugin, options = {} }: HookSuiteOptions<S>, runDir: string | undefined): Tapped {
  const given = structuredClone(options)
  assert.deepEqual(problemsOf(plugin.options, given), [], 'the options are those of the plugin')
  const taps: { hook: HookName; fn: AnyTap }[] = []
  const ends: (() => void | Promise<void>)[] = []
  const api: PluginApi = {
    provide: () => {},
    contribute: () => {},
    tap: (hook, fn) => void taps.push({ hook, fn: fn as AnyTap }),
    onDispose: (fn) => void ends.push(fn),
    resolvePath: (path) => path,
    runDir,
    log: makeContext().log,
  }
  const told: unknown = plugin.setup(api, deepFreeze(given) as Static<S>)
  assert.equal(told, undefined, 'setup declares and gives nothing back: no promise, no work')
  return {
    taps,
    end: async () => {
      for (const end of ends.toReversed()) await end()
    },
  }
}

/** Calls a tap with a frozen noun, and with what a run tells beside it. */
async function call(fn: AnyTap, noun: object, changes: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const sample = deepFreeze(makeSample())
  const ask = async ({ items }: { readonly items: JudgeShare['items'] }): Promise<readonly JudgeShare[]> => [
    { judge: 'testkit', items, verdicts: items.map(({ id }) => makeVerdict(id, 'no')) },
  ]
  // The nouns name pictures that nobody made; a run has those that its rollouts name.
  const stored = makeContext().images
  const images: ImageStore = {
    get: async () => makePng({ width: 8, height: 8 }),
    put: (bytes) => stored.put(bytes),
  }
  const told = { step: 1, sample, rolloutId: '1/sample-1/0', seed: 1, images, ask, ...changes }
  return fn(deepFreeze(structuredClone(noun)), told)
}

async function withRunDir(use: (runDir: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'dda-testkit-'))
  try {
    await mkdir(join(parent, 'run'))
    await use(join(parent, 'run'))
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}
