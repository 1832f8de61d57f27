import { createHash } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble } from '@dda-thinker/core'
import type { Spending } from '@dda-thinker/evaluation'
import { completeConfig, type ProjectConfigInput } from '@dda-thinker/config'
import {
  evaluate,
  openWorkspace,
  readJournal,
  synthesize,
  loadSamples,
  type EvalResult,
  readRunSpending,
} from '@dda-thinker/runs'
import editorOpenai from '@dda-thinker/editor-openai'
import judgeVlm from '@dda-thinker/judge-vlm'
import { API_VERSION, definePlugin, SYNTHESIZERS, THINKER, Type, type Rollout } from '@dda-thinker/plugin-api'
import rewardDualAtomic from '@dda-thinker/reward-dual-atomic'
import { makePng } from '@dda-thinker/testkit'
import thinkerChat from '@dda-thinker/thinker-chat'
import {
  startStandIn as startEditor,
  type StandIn as EditorServer,
} from '../../plugins/editor-openai/src/stand-in-server.ts'
import { startStandIn as startJudge, type StandIn as JudgeServer } from '../../plugins/judge-vlm/src/stand-in-server.ts'
import {
  startStandIn as startThinker,
  type StandIn as ThinkerServer,
} from '../../plugins/thinker-chat/src/stand-in-server.ts'

/** A sample's id, which is in every request about it: in instruction, plan and questions. */
export const SAMPLE = /sample-\d+/

/** The three servers of a lab, over real sockets. */
export interface Servers {
  readonly thinker: ThinkerServer
  readonly editor: EditorServer
  readonly judge: JudgeServer
  close(): Promise<void>
}

type ThinkerOptions = NonNullable<Parameters<typeof startThinker>[0]>
type EditorOptions = NonNullable<Parameters<typeof startEditor>[0]>
type JudgeOptions = NonNullable<Parameters<typeof startJudge>[0]>

const onePlan: NonNullable<ThinkerOptions['write']> = ({ text, system }) => {
  const tag = [...system.matchAll(/^<(\w+)>/gm)].at(-1)?.[1] ?? 'plan'
  return `<${tag}>Make ${SAMPLE.exec(text)?.[0]} blue.</${tag}>`
}

const byQuestion: NonNullable<JudgeOptions['opinion']> = (question) =>
  (createHash('sha256').update(question).digest()[0] ?? 0) % 2 === 0 ? 'yes' : 'no'

export async function startServers(
  intercept: EditorOptions = {},
  { write = onePlan, opinion = byQuestion }: Pick<ThinkerOptions, 'write'> & Pick<JudgeOptions, 'opinion'> = {},
): Promise<Servers> {
  const thinker = await startThinker({ write })
  const editor = await startEditor(intercept)
  const judge = await startJudge({ opinion })
  const close = async () => {
    await Promise.all([thinker.close(), editor.close(), judge.close()])
  }
  return { thinker, editor, judge, close }
}

/** Samples whose id is in everything that is said of them. */
const synthesizer = definePlugin({
  name: 'numbered-samples',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup(api) {
    api.contribute(SYNTHESIZERS, () => ({
      async *synthesize({ count }, { images }) {
        for (let index = 0; index < count['held-out']; index += 1) {
          const id = `sample-${index}`
          const image = await images.put(makePng({ width: 8, height: 8, pixel: () => [index, 0, 0] }))
          yield {
            id,
            images: [image],
            instruction: `Paint ${id}.`,
            category: 'spatial',
            reference: `${id} in blue.`,
            checklist: [
              { id: 'says', scope: 'cognitive', question: `Does the plan name ${id}?`, expected: 'yes' },
              { id: 'shows', scope: 'visual', question: `Is ${id} blue?`, expected: 'yes' },
            ],
            split: 'held-out',
            provenance: { plugin: 'numbered-samples', seed: 0 },
          } as const
        }
      },
    }))
  },
})

export interface WireProject {
  readonly root: string
  /** Evaluates the configured Thinker on all samples. */
  eval(name: string, options?: { readonly replay?: boolean; readonly config?: ProjectConfigInput }): Promise<WireEval>
}

export interface WireEval {
  readonly result: EvalResult
  readonly rollouts: readonly Rollout[]
  readonly spending: readonly Spending[]
}

/** A project whose Thinker, Editor and judge are services, reached by the real plugins. */
export async function wireProject(samples: number, blocks: ProjectConfigInput): Promise<WireProject> {
  const root = await mkdtemp(join(tmpdir(), 'dda-wire-'))
  const plugins = {
    numbered: synthesizer,
    openai: editorOpenai,
    vlm: judgeVlm,
    chat: thinkerChat,
    'dual-atomic': rewardDualAtomic,
  }
  const base: ProjectConfigInput = {
    synthesizer: [{ use: 'numbered' }],
    synthesize: { count: { train: 0, 'held-out': samples } },
    reward: { use: 'dual-atomic' },
    ...blocks,
  }
  const open = async (over: ProjectConfigInput = {}, replay = false) => {
    const config = completeConfig({ ...base, ...over })
    const assembly = await assemble(config, { cwd: root, plugins })
    return { assembly, workspace: await openWorkspace(config, root, { replay }) }
  }
  const first = await open()
  await synthesize(first.assembly, { workspace: first.workspace })
  await first.assembly.dispose()
  await first.workspace.close()
  return {
    root,
    async eval(name, { replay = false, config = {} } = {}) {
      const { assembly, workspace } = await open(config, replay)
      try {
        const runDir = join(root, 'runs', name)
        const result = await evaluate(assembly, {
          workspace,
          runDir,
          thinkers: [{ name: 'thinker', thinker: () => assembly.resolve(THINKER), needs: [THINKER] }],
          samples: await loadSamples(workspace.paths, { split: 'held-out' }),
        })
        const rollouts: Rollout[] = []
        for await (const line of readJournal(runDir)) if (line.type === 'rollout') rollouts.push(line.rollout)
        return { result, rollouts, spending: (await readRunSpending(runDir)).rows }
      } finally {
        await assembly.dispose()
        await workspace.close()
      }
    },
  }
}
