import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdaError, type FailureKind, type Thinker, TRAINER } from '@dda-thinker/plugin-api'
import { afterEach, expect, test, vi } from 'vitest'
import { failWith, openProject, type Project, type World } from '../../../../test/support/fake-world.ts'
import { loadSamples } from '../data/project-samples.ts'
import type { Work } from '../record/events.ts'
import { readRun } from '../record/run-dir.ts'
import { evaluate } from './evaluate.ts'
import type { EvalResult, EvalThinker } from './evaluate-options.ts'
import { reedit, rejudge } from './reevaluate.ts'
import { synthesize } from './synthesize.ts'

const COUNT = 140
const config = { synthesize: { count: { train: 1, 'held-out': COUNT } } }
const projects: Project[] = []

afterEach(async () => {
  for (const project of projects.splice(0)) await project.close()
})

async function open(root?: string, given: { readonly replay?: boolean } = {}): Promise<Project> {
  const project = await openProject(config, { ...given, ...(root === undefined ? {} : { root }) })
  projects.push(project)
  // Every sample a plan of its own, so that each is edited.
  project.world.planText = ({ input }) => `paint ${input.id}`
  return project
}

async function prepared(): Promise<Project> {
  const project = await open()
  await synthesize(project.assembly, project)
  return project
}

/** The policy under training, under two names. */
function thinkersOf(project: Project): readonly EvalThinker[] {
  const thinker = () => project.assembly.resolve(TRAINER).thinker
  return [
    { name: 'base', thinker, needs: [TRAINER] },
    { name: 'again', thinker, needs: [TRAINER] },
  ]
}

interface Extra {
  readonly thinkers?: readonly EvalThinker[]
  readonly stop?: AbortSignal
  readonly onRollout?: (done: number) => void
}

async function evaluated(project: Project, { thinkers = thinkersOf(project), stop, onRollout }: Extra = {}) {
  const samples = await loadSamples(project.workspace.paths, { split: 'held-out' })
  const options = { ...project, samples, thinkers, ...(stop === undefined ? {} : { stop }) }
  return evaluate(project.assembly, options, { onRollout: ({ done }) => onRollout?.(done) })
}

const journalOf = ({ runDir }: Pick<EvalResult, 'runDir'>) => readFile(join(runDir, 'journal.jsonl'), 'utf8')

/** What a run without a failure records. */
async function expected(): Promise<string> {
  return journalOf(await evaluated(await prepared()))
}

const KINDS: readonly FailureKind[] = ['timeout', 'rate-limit', 'server', 'connection', 'unavailable']

/** Edits of these samples fail, each with a kind of its own in turn; a sample is met under both Thinkers. */
function failEdits(world: World, samples: readonly number[], kinds: readonly FailureKind[] = KINDS): void {
  world.onEdit = (plan) => {
    const at = samples.indexOf(Number(plan.slice('paint held-out-'.length)))
    if (at >= 0) failWith('DDA_MADE_UP', kinds[at % kinds.length])
  }
}

test('what failed in passing is tried again by the same command, which then leaves the record of a run without failures', async () => {
  const whole = await expected()
  const first = await prepared()
  failEdits(first.world, [0, 5, 127, 128, 139])
  const judged = new Set<string>()
  first.world.onJudge = (scope, text) => {
    // A judge that is away for one plan in ten.
    if (scope !== 'cognitive' || !text.endsWith('7')) return
    judged.add(text)
    failWith('DDA_MADE_UP', 'server')
  }
  const broken = await evaluated(first)
  expect(broken.state).toBe('finished')
  // Sample 127 fails both ways.
  expect(broken.thinkers['base']).toMatchObject({ samples: COUNT, masked: 5 + judged.size - 1 })
  const before = await journalOf(broken)
  expect(before).not.toBe(whole)

  const second = await open(first.root)
  const told: number[] = []
  const mended = await evaluated(second, { onRollout: (done) => told.push(done) })
  expect(mended).toMatchObject({ state: 'finished', thinkers: { base: { masked: 0 }, again: { masked: 0 } } })
  expect(await journalOf(mended)).toBe(whole)
  // Edits of before are not made again, and under the other Thinker they are the same ones.
  expect(second.world.edits).toBe(5)
  expect(told.at(0)).toBe(2 * COUNT - 2 * (4 + judged.size) + 1)
  expect(told.at(-1)).toBe(2 * COUNT)
  expect((await readRun(second.runDir)).status).toMatchObject({ state: 'finished', step: 2 * COUNT })

  const third = await open(first.root)
  const found = await evaluated(third, { onRollout: () => expect.unreachable() })
  expect(third.world.edits).toBe(0)
  expect(await journalOf(found)).toBe(whole)
})

test.each<FailureKind>(['refusal', 'bad-output', 'bad-input', 'plugin-error'])(
  'a failure of kind %s is final, and nobody is asked again',
  async (kind) => {
    const first = await prepared()
    failEdits(first.world, [3], [kind])
    const broken = await evaluated(first)
    const before = await journalOf(broken)
    const second = await open(first.root)
    expect(await evaluated(second)).toEqual({ ...broken })
    expect(second.world.edits).toBe(0)
    expect(await journalOf(broken)).toBe(before)
  },
)

test('what fails again stays masked, with what it said last, and is tried once more the next time', async () => {
  const whole = await expected()
  const first = await prepared()
  failEdits(first.world, [1, 2])
  await evaluated(first)
  const second = await open(first.root)
  second.world.onEdit = (plan) => {
    if (plan.endsWith('-2')) throw new DdaError('DDA_MADE_UP', 'the second outage', { kind: 'connection' })
  }
  const half = await evaluated(second)
  expect(half.thinkers['base']).toMatchObject({ masked: 1, maskedByKind: { connection: 1 } })
  expect(await journalOf(half)).toContain('the second outage')
  const third = await open(first.root)
  expect(await journalOf(await evaluated(third))).toBe(whole)
})

test('a second try that is stopped, or ended by a failure of the run, keeps what it has and goes on', async () => {
  const whole = await expected()
  const first = await prepared()
  failEdits(
    first.world,
    Array.from({ length: 40 }, (_, index) => index * 3),
  )
  await evaluated(first)

  const second = await open(first.root)
  const stop = new AbortController()
  second.world.editorConcurrency = 1
  const stopped = await evaluated(second, {
    stop: stop.signal,
    onRollout: () => stop.abort(),
  })
  expect(stopped.state).toBe('interrupted')
  const left = stopped.thinkers['base']?.masked ?? 0
  expect(left).toBeLessThan(40)
  expect(left).toBeGreaterThan(0)

  const third = await open(first.root)
  let edits = 0
  third.world.editorConcurrency = 1
  third.world.onEdit = () => {
    edits += 1
    if (edits === 5) throw new DdaError('DDA_MADE_UP', 'no credit', { kind: 'unavailable', stopsRun: true })
  }
  await expect(evaluated(third)).rejects.toMatchObject({ message: 'no credit' })
  expect((await readRun(third.runDir)).status).toMatchObject({ state: 'stopped' })

  const fourth = await open(first.root)
  expect(await journalOf(await evaluated(fourth))).toBe(whole)
  expect(fourth.world.edits).toBeLessThan(left)
})

test('a second try that a wrong configuration ends leaves the first failures where they were', async () => {
  const whole = await expected()
  const first = await prepared()
  failEdits(first.world, [1, 2, 3, 4])
  await evaluated(first)
  const second = await open(first.root)
  let edits = 0
  second.world.editorConcurrency = 1
  second.world.onEdit = () => {
    edits += 1
    if (edits > 2) throw new DdaError('DDA_MADE_UP', 'no such model', { kind: 'unavailable', stopsRun: true })
    failWith('DDA_MADE_UP', 'bad-input')
  }
  await expect(evaluated(second)).rejects.toMatchObject({ message: 'no such model' })
  const third = await open(first.root)
  expect(await journalOf(await evaluated(third))).toBe(whole)
})

test('plans that failed are made again in the batch that they came from', async () => {
  const whole = await expected()
  const batches: number[] = []
  /** A policy whose plans say how many it wrote at once. */
  const policy = (inner: Thinker, fails: ReadonlySet<string>): Thinker => ({
    fingerprint: 'policy',
    async *plan(requests, options) {
      batches.push(requests.length)
      for await (const result of inner.plan(requests, options)) {
        if (fails.has(result.id) || !('plan' in result)) {
          yield { id: result.id, error: new DdaError('DDA_MADE_UP', 'no plan', { kind: 'server' }) }
          continue
        }
        const text = `${result.plan.text}, of ${requests.length}`
        yield { id: result.id, plan: { ...result.plan, text } }
      }
    },
  })
  const arm = (project: Project, fails: readonly number[]): readonly EvalThinker[] => {
    const ids = new Set(fails.map((index) => `eval/base/held-out-${index}/0`))
    return [{ name: 'base', thinker: () => policy(project.assembly.resolve(TRAINER).thinker, ids), needs: [TRAINER] }]
  }
  const clean = await prepared()
  const wanted = await journalOf(await evaluated(clean, { thinkers: arm(clean, []) }))
  expect(wanted).not.toBe(whole)
  const first = await prepared()
  await evaluated(first, { thinkers: arm(first, [10, 11, 135]) })
  batches.length = 0
  const second = await open(first.root)
  expect(await journalOf(await evaluated(second, { thinkers: arm(second, []) }))).toBe(wanted)
  expect(batches).toEqual([128, COUNT - 128])
})

test('a policy that nobody asks for a plan stays closed', async () => {
  const project = await prepared()
  const trainer = project.assembly.resolve(TRAINER)
  trainer.open = () => Promise.reject(new DdaError('DDA_MADE_UP', 'no weights here'))
  const none: Thinker = { ...trainer.thinker, fingerprint: 'none' }
  const { thinkers } = await evaluated(project, { thinkers: [{ name: 'none', thinker: none, needs: [] }] })
  expect(thinkers['none']).toMatchObject({ samples: COUNT })
  await expect(evaluated(project)).rejects.toMatchObject({ code: 'DDA_MADE_UP' })
})

test('a replay leaves masked rollouts as they are', async () => {
  const first = await prepared()
  failEdits(first.world, [3])
  const broken = await evaluated(first)
  const before = await journalOf(broken)
  await first.close()
  const second = await open(first.root, { replay: true })
  expect((await evaluated(second)).thinkers).toEqual(broken.thinkers)
  expect(await journalOf(broken)).toBe(before)
})

test.each([
  ['reedit', reedit],
  ['rejudge', rejudge],
] as const)('%s takes what its source has got since', async (_, again) => {
  const run = async (project: Project) => {
    const source = await readRun(project.runDir)
    return again(project.assembly, { ...project, runDir: join(project.root, 'runs', 'again'), source })
  }
  const clean = await prepared()
  await evaluated(clean)
  const whole = await journalOf(await run(clean))

  const first = await prepared()
  failEdits(first.world, [3, 100])
  first.world.onPlan = (id) => {
    // The Thinker breaks off in its second batch.
    if (id === 'eval/base/held-out-130/0') failWith('DDA_MADE_UP', 'connection')
  }
  await evaluated(first)
  first.world.onEdit = () => undefined
  const lacking = await run(first)
  expect(lacking.thinkers['base']?.masked).toBeGreaterThanOrEqual(COUNT - 130)
  const second = await open(first.root)
  await evaluated(second)
  expect((await run(second)).thinkers['base']?.masked).toBe(0)
  expect(await journalOf(lacking)).toBe(whole)
})

test('a record whose plans are others by now is no source to go on from', async () => {
  const first = await prepared()
  await evaluated(first)
  const source = await readRun(first.runDir)
  const options = { ...first, runDir: join(first.root, 'runs', 'again'), source }
  await reedit(first.assembly, options)
  const journal = await journalOf(first)
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(first.runDir, 'journal.jsonl'), journal.replaceAll('paint held-out-7"', 'paint held-out-8"'))
  await expect(reedit(first.assembly, options)).rejects.toMatchObject({ code: 'DDA_RUN_CONFIG_CHANGED' })
})

test('what goes on can be asked at any moment of it', async () => {
  const project = await prepared()
  let now: (() => Work) | undefined
  const seen: Work[] = []
  const waits = ({ calls }: Work) => calls.some(({ call, waiting }) => call === 'edit' && waiting > 0)
  project.world.editorConcurrency = 1
  // The first takes until another waits for it.
  project.world.onEdit = async () => {
    if (now === undefined) return
    if (seen.length === 0) await vi.waitUntil(() => now !== undefined && waits(now()), { timeout: 60_000 })
    seen.push(now())
  }
  const samples = await loadSamples(project.workspace.paths, { split: 'held-out' })
  await evaluate(
    project.assembly,
    { ...project, samples, thinkers: thinkersOf(project) },
    { onWork: (work) => void (now = work) },
  )
  expect(seen[0]?.calls).toContainEqual(expect.objectContaining({ plugin: 'fake-editor', call: 'edit', running: 1 }))
  expect(seen.some(waits)).toBe(true)
  expect(now?.().calls).toEqual([])
})
