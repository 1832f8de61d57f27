import { pathToFileURL } from 'node:url'
import {
  API_VERSION,
  definePlugin,
  definePluginSet,
  EDITOR,
  type Editor,
  type Judge,
  JUDGES,
  type PluginApi,
  type Thinker,
  THINKER,
  withDefaults,
} from '@dda-thinker/plugin-api'
import { AiSdkEditor } from './ai-sdk-editor.ts'
import { AiSdkJudge } from './ai-sdk-judge.ts'
import { AiSdkThinker } from './ai-sdk-thinker.ts'
import { checkSecrets } from './check-secrets.ts'
import {
  type EditorOptions,
  editorOptions,
  type JudgeOptions,
  judgeOptions,
  type ModelOptions,
  type ThinkerOptions,
  thinkerOptions,
} from './options.ts'

const common = { apiVersion: API_VERSION } as const

/** What every role does with its options: keys are refused, and the provider is looked for from the config's folder. */
function made<O extends ModelOptions, Role>(
  api: PluginApi,
  options: O,
  make: (options: O, from: string) => Role,
): () => Role {
  checkSecrets(options.options)
  const from = api.resolvePath('package.json')
  return () => make(options, from)
}

const editor = definePlugin({
  ...common,
  name: 'editor-ai-sdk',
  options: editorOptions,
  setup(api, given) {
    api.provide(
      EDITOR,
      made(api, given, (options, from) => new AiSdkEditor(options, from)),
    )
  },
})

const thinker = definePlugin({
  ...common,
  name: 'thinker-ai-sdk',
  options: thinkerOptions,
  setup(api, given) {
    api.provide(
      THINKER,
      made(api, given, (options, from) => new AiSdkThinker(options, from)),
    )
  },
})

const judge = definePlugin({
  ...common,
  name: 'judge-ai-sdk',
  options: judgeOptions,
  setup(api, given) {
    api.contribute(
      JUDGES,
      made(api, given, (options, from) => new AiSdkJudge(options, from)),
    )
  },
})

/** Models of any provider of the Vercel AI SDK in each role that calls a model. */
export default definePluginSet({ editor, thinker, judge })

type Needed = Pick<ModelOptions, 'provider' | 'model'>

/** The Editor for use without a config; its provider is looked for from `from`, by default the working directory. */
export function aiSdkEditor(given: Partial<EditorOptions> & Needed, from: string = here()): Editor {
  return new AiSdkEditor(withDefaults<EditorOptions>(editorOptions, given), from)
}

/** The Thinker for use without a config, as {@link aiSdkEditor}. */
export function aiSdkThinker(given: Partial<ThinkerOptions> & Needed, from: string = here()): Thinker {
  return new AiSdkThinker(withDefaults<ThinkerOptions>(thinkerOptions, given), from)
}

/** The judge for use without a config, as {@link aiSdkEditor}. */
export function aiSdkJudge(given: Partial<JudgeOptions> & Needed, from: string = here()): Judge {
  return new AiSdkJudge(withDefaults<JudgeOptions>(judgeOptions, given), from)
}

function here(): string {
  return new URL('package.json', pathToFileURL(`${process.cwd()}/`)).href
}

export { editor, judge, thinker }
export type { EditorOptions, JudgeOptions, ThinkerOptions } from './options.ts'
