// Small real roles for the tests of the engine: a policy of one number that learns, an Editor that draws the plan's colour,
// judges that read what they are given. Everything is a plugin, assembled by the real assembly.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { crc32, deflateSync } from 'node:zlib'
import {
  API_VERSION,
  type ChecklistItem,
  DdaError,
  definePlugin,
  definePluginSet,
  deriveSeed,
  type Editor,
  EDITOR,
  HOOK_NAMES,
  type HookName,
  type Judge,
  JUDGES,
  type JudgeRequest,
  type PlanRequest,
  type PlanResult,
  type PluginApi,
  REWARD,
  type RewardDecomposition,
  type RewardStream,
  type Sample,
  type Synthesizer,
  SYNTHESIZERS,
  type Tap,
  type Thinker,
  THINKER,
  type Trainer,
  type TrainerStreams,
  TRAINER,
  Type,
  type Verdict,
} from '@dda-thinker/plugin-api'
import { assemble, type Assembly } from '@dda-thinker/core'
import { completeConfig, type ProjectConfigInput } from '@dda-thinker/config'
import { openWorkspace, type Workspace, type WorkspaceOptions } from '@dda-thinker/runs'

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A sound PNG of one colour and one pixel a side unless told otherwise. */
export function png(colour: number, side = 1): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.alloc(1 + side * 3)
  for (let x = 0; x < side; x += 1) row.writeUIntBE(colour & 0xffffff, 1 + x * 3, 3)
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/** What the roles did, and knobs to make them misbehave. */
export interface World {
  edits: number
  judgements: { cognitive: number; visual: number }
  updates: number
  /** Calls under way now and the most there ever were. */
  running: { edit: number; judge: number }
  peak: { edit: number; judge: number }
  log: string[]
  planDelay: (sampleId: string, member: number) => number
  editDelay: number
  judgeDelay: number
  onEdit: (plan: string, signal: AbortSignal) => void | Promise<void>
  onLoad: () => void
  onJudge: (scope: string, text: string, signal: AbortSignal) => void | Promise<void>
  onPlan: (id: string) => void
  onUpdate: (step: number) => void
  editorConcurrency: number
  judgeScopes: readonly ('cognitive' | 'visual')[]
  /** What the judge declares to see. */
  judgeSees: Judge['sees']
  onQuestion: (request: JudgeRequest) => void
  verdicts: (verdicts: Verdict[]) => Verdict[]
  /** Where set, a judge before the ordinary one that answers only these items, always with yes. */
  measures: ((item: ChecklistItem) => boolean) | undefined
  /** Which of that judge's verdicts are none: it cannot measure the item. */
  unmeasured: (verdict: Verdict) => boolean
  /** Which items the ordinary judge answers. Default: all. */
  answersAll: ((item: ChecklistItem) => boolean) | undefined
  planText: (request: PlanRequest, skill: number) => string
  taps: { [K in HookName]?: Tap<K> }
  /** What the trainer wants of the reward's streams. */
  splits: TrainerStreams | undefined
  /** Does the reward say that it needs an edit? */
  needsEdit: boolean
  /** The streams that the last update was given. */
  streams: readonly RewardStream[] | undefined
}

export function makeWorld(): World {
  return {
    edits: 0,
    judgements: { cognitive: 0, visual: 0 },
    updates: 0,
    running: { edit: 0, judge: 0 },
    peak: { edit: 0, judge: 0 },
    log: [],
    planDelay: () => 0,
    editDelay: 0,
    judgeDelay: 0,
    onEdit: () => undefined,
    onLoad: () => undefined,
    onJudge: () => undefined,
    onPlan: () => undefined,
    onUpdate: () => undefined,
    editorConcurrency: 64,
    judgeScopes: ['cognitive', 'visual'],
    judgeSees: undefined,
    onQuestion: () => undefined,
    verdicts: (verdicts) => verdicts,
    measures: undefined,
    unmeasured: () => false,
    answersAll: undefined,
    // A seeded draw against the skill decides how much of the plan is right.
    planText: ({ seed }, skill) => `paint ${Math.floor(Math.min(0.99, (seed / 2 ** 32) * 0.5 + skill) * 10)}`,
    taps: {},
    splits: undefined,
    needsEdit: true,
    streams: undefined,
  }
}

function thinker(world: World, state: { skill: number; version: number }): Thinker {
  return {
    get fingerprint() {
      return `fake-thinker:${state.skill.toFixed(6)}`
    },
    async *plan(requests, { signal }): AsyncIterable<PlanResult> {
      const arrivals = requests.map((request, index) => ({
        request,
        index,
        delay: world.planDelay(request.input.id, index),
      }))
      for (const { request, delay } of arrivals.toSorted((a, b) => a.delay - b.delay || a.index - b.index)) {
        if (delay > 0) await wait(delay, undefined, { signal })
        world.onPlan(request.id)
        const executable = world.planText(request, state.skill)
        const text = `because. ${executable}`
        world.log.push(`plan ${request.id}`)
        yield {
          id: request.id,
          plan: {
            id: request.id,
            sampleId: request.input.id,
            text,
            reasoning: 'because.',
            executable,
            format: { ok: true },
            thinker: 'fake-thinker',
            policyVersion: state.version,
            seed: request.seed,
            tokens: { ids: [1, 2], logProbs: [-0.5, -0.5], ends: [9, text.length] },
          },
        }
      }
    },
  }
}

function trainer(world: World): Trainer {
  const state = { skill: 0, version: 0 }
  return {
    fingerprint: 'fake-trainer',
    supports: {
      estimators: ['gae'],
      critic: false,
      groupCentre: [],
      streams: [],
      images: false,
      lora: false,
      klPlace: [],
      lossAggregation: [],
    },
    thinker: thinker(world, state),
    ...(world.splits === undefined ? {} : { streams: world.splits }),
    get policyVersion() {
      return state.version
    },
    async update({ step, rollouts, inputs, streams }) {
      world.streams = streams
      world.onUpdate(step)
      world.updates += 1
      const scored = rollouts.filter(({ outcome }) => outcome.kind !== 'masked')
      // Order matters in floating point, so the final skill proves that order and values were the same.
      for (const { reward } of scored) state.skill = state.skill * 0.999 + (reward?.total ?? 0) * 0.001
      state.version += 1
      return { step, policyVersion: state.version, metrics: { 'policy/skill': state.skill, inputs: inputs.length } }
    },
    async imitate(demonstrations) {
      world.updates += 1
      for (const { text } of demonstrations) state.skill = state.skill * 0.9 + 0.01 * text.length
      state.version += 1
      return { step: state.version, policyVersion: state.version, metrics: { 'sft/loss': 1 / state.version } }
    },
    async save(folder) {
      await writeFile(join(folder, 'weights.json'), JSON.stringify(state))
    },
    async load(folder) {
      world.onLoad()
      const { readFile } = await import('node:fs/promises')
      Object.assign(state, JSON.parse(await readFile(join(folder, 'weights.json'), 'utf8')))
    },
    async export(folder) {
      const file = join(folder, 'policy.json')
      await writeFile(file, JSON.stringify(state))
      return [file]
    },
  }
}

function editor(world: World): Editor {
  return {
    fingerprint: 'fake-editor',
    get supports() {
      return { determinism: 'bitwise', promptLimit: 100, concurrency: world.editorConcurrency, maxImages: 1 } as const
    },
    async edit({ images, plan, seed }, { signal }) {
      world.edits += 1
      world.running.edit += 1
      world.peak.edit = Math.max(world.peak.edit, world.running.edit)
      world.log.push(`edit ${plan}`)
      try {
        if (world.editDelay > 0) await wait(world.editDelay, undefined, { signal })
        await world.onEdit(plan, signal)
        return { bytes: png(deriveSeed(images[0]?.hash ?? '', plan, seed)), cost: { money: 1 } }
      } finally {
        world.running.edit -= 1
      }
    },
  }
}

function judge(world: World): Judge {
  return {
    fingerprint: 'fake-judge',
    get scopes() {
      return world.judgeScopes
    },
    ...(world.judgeSees === undefined ? {} : { sees: world.judgeSees }),
    ...(world.answersAll === undefined ? {} : { answers: world.answersAll }),
    concurrency: 64,
    async judge(request, { signal }) {
      world.onQuestion(request)
      world.judgements[request.scope] += 1
      world.running.judge += 1
      world.peak.judge = Math.max(world.peak.judge, world.running.judge)
      const text = request.scope === 'cognitive' ? request.plan : request.edited.hash
      world.log.push(`judge ${request.scope}`)
      try {
        if (world.judgeDelay > 0) await wait(world.judgeDelay, undefined, { signal })
        await world.onJudge(request.scope, text, signal)
        const verdicts = request.items.map((item): Verdict => ({
          itemId: item.id,
          answer: deriveSeed(text, item.question) % 2 === 0 ? 'yes' : 'no',
          judge: 'fake-judge',
        }))
        return world.verdicts(verdicts)
      } finally {
        world.running.judge -= 1
      }
    },
  }
}

function meter(world: World, answers: (item: ChecklistItem) => boolean): Judge {
  return {
    fingerprint: 'fake-meter',
    scopes: ['cognitive', 'visual'],
    concurrency: 64,
    answers,
    async judge({ scope, items }, { signal }) {
      world.log.push(`measure ${scope} ${items.map(({ id }) => id).join(' ')}`)
      await world.onJudge('measured', scope, signal)
      return items
        .map(({ id }): Verdict => ({ itemId: id, answer: 'yes', judge: 'fake-meter' }))
        .map((verdict) =>
          world.unmeasured(verdict) ? { ...verdict, answer: 'unsure', unmeasured: true, reason: 'too wide' } : verdict,
        )
    },
  }
}

const reward: RewardDecomposition = {
  fingerprint: 'fake-reward',
  streams: [
    { name: 'cognitive', scopes: ['cognitive'] },
    { name: 'visual', scopes: ['visual'] },
    { name: 'format', scopes: [] },
  ],
  decompose({ plan, checklist, verdicts, asked = ['cognitive', 'visual'] }) {
    const items = checklist
      .filter(({ scope }) => asked.includes(scope))
      .map((item) => {
        const passed = verdicts.some(({ itemId, answer }) => itemId === item.id && answer === item.expected)
        return { itemId: item.id, scope: item.scope, passed, contribution: passed ? 1 / checklist.length : 0 }
      })
    const format = plan.format.ok ? 0.1 : 0
    const sum = items.reduce((total, { contribution }) => total + contribution, 0)
    return { total: sum + format, components: { checklist: sum }, items, extras: { format } }
  },
}

/** Counts cognitive items alone. */
const ofThePlan: RewardDecomposition = {
  ...reward,
  needsEdit: false,
  decompose: (input) => reward.decompose({ ...input, asked: ['cognitive'] }),
}

function synthesizer(): Synthesizer {
  return {
    async *synthesize({ seed, count }, { images }): AsyncIterable<Sample> {
      for (const split of ['train', 'held-out'] as const) {
        for (let index = 0; index < count[split]; index += 1) {
          yield makeSample(`${split}-${index}`, await images.put(png(deriveSeed(seed, split, index))), { split })
        }
      }
    },
  }
}

export function makeSample(id: string, image: Sample['images'][number], over: Partial<Sample> = {}): Sample {
  const category = deriveSeed(id) % 2 === 0 ? 'causal' : 'spatial'
  return {
    id,
    images: [image],
    instruction: `What comes of ${id}?`,
    category,
    subtask: `${category}-a`,
    reference: `The end of ${id}.`,
    checklist: [
      { id: 'c1', scope: 'cognitive', question: `${id} c1`, expected: 'yes', critical: true },
      { id: 'c2', scope: 'cognitive', question: `${id} c2`, expected: 'no' },
      { id: 'v1', scope: 'visual', question: `${id} v1`, expected: 'yes' },
    ],
    split: 'train',
    demonstration: `paint ${id}`,
    provenance: { plugin: 'fake', seed: 1 },
    ...over,
  }
}

const options = Type.Object({ variant: Type.Optional(Type.String()) }, { additionalProperties: false })

function role(name: string, setup: Parameters<typeof definePlugin>[0]['setup']) {
  return definePlugin({ name, apiVersion: API_VERSION, options, setup })
}

function declareTap<K extends HookName>(api: PluginApi, hook: K, tap: Tap<K> | undefined): void {
  if (tap !== undefined) api.tap(hook, tap)
}

export function fakePlugin(world: World) {
  return definePluginSet({
    synthesizer: role('fake-synthesizer', (api) => api.contribute(SYNTHESIZERS, synthesizer)),
    thinker: role('fake-thinker', (api) => api.provide(THINKER, () => thinker(world, { skill: 0, version: 0 }))),
    editor: role('fake-editor', (api) => api.provide(EDITOR, () => editor(world))),
    judge: role('fake-judge', (api) => {
      const { measures } = world
      if (measures !== undefined) api.contribute(JUDGES, () => meter(world, measures))
      api.contribute(JUDGES, () => judge(world))
    }),
    reward: role('fake-reward', (api) => api.provide(REWARD, () => (world.needsEdit ? reward : ofThePlan))),
    trainer: role('fake-trainer', (api) => api.provide(TRAINER, () => trainer(world))),
    plugin: role('fake-taps', (api) => {
      for (const hook of HOOK_NAMES) declareTap(api, hook, world.taps[hook] as Tap<typeof hook> | undefined)
    }),
  })
}

export interface Project {
  readonly root: string
  readonly world: World
  readonly assembly: Assembly
  readonly workspace: Workspace
  readonly runDir: string
  close(): Promise<void>
}

export const fakeBlocks = {
  synthesizer: [{ use: 'fake' }],
  editor: { use: 'fake' },
  judge: [{ use: 'fake' }],
  reward: { use: 'fake' },
  trainer: { use: 'fake' },
} satisfies ProjectConfigInput

/** A project over the fakes in a folder of its own (or a given one), all open. */
export async function openProject(
  config: ProjectConfigInput = {},
  given: { readonly root?: string; readonly world?: World } & WorkspaceOptions = {},
): Promise<Project> {
  const root = given.root ?? (await mkdtemp(join(tmpdir(), 'dda-core-')))
  const world = given.world ?? makeWorld()
  const complete = completeConfig({ ...fakeBlocks, ...config })
  const runDir = join(root, 'runs', 'run')
  const assembly = await assemble(complete, { cwd: root, runDir, plugins: { fake: fakePlugin(world) } })
  const workspace = await openWorkspace(complete, root, given)
  return {
    root,
    world,
    assembly,
    workspace,
    runDir,
    async close() {
      await assembly.dispose()
      await workspace.close().catch(() => undefined)
    },
  }
}

export function failWith(code: `DDA_${string}`, kind: DdaError['kind']): never {
  throw new DdaError(code, `made to fail with ${code}`, kind === undefined ? {} : { kind })
}
