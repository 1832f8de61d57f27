import type { PluginKind } from '@dda-thinker/plugin-api'
import { PLUGIN_KINDS } from '../kinds.ts'

const SCOPE = '@dda-thinker/'

/** Those that offer several kinds, or a kind that their name does not say. */
const SETS: Readonly<Record<string, readonly PluginKind[]>> = {
  'ai-sdk': ['editor', 'thinker', 'judge'],
  tabletop: ['synthesizer', 'editor', 'judge'],
  'trainer-onnx': ['trainer', 'thinker'],
  'trainer-torch': ['trainer', 'thinker'],
}

/** The others, by the kind that their name begins with: what a project may name and not have installed. */
const NAMES: Readonly<Partial<Record<PluginKind | 'preset', readonly string[]>>> = {
  benchmark: ['grade', 'kris', 'rise', 'uniredit'],
  curator: ['checklist', 'difficulty'],
  editor: ['comfyui', 'diffusers', 'edit-http', 'openai', 'sketch'],
  judge: ['onnx', 'vlm'],
  plugin: ['canary'],
  preset: ['tabletop-demo'],
  reward: ['dual-atomic', 'literature'],
  synthesizer: ['dataset', 'vlm'],
  thinker: ['chat', 'none'],
  tracker: ['ledger', 'mlflow', 'tensorboard'],
  trainer: ['trl', 'verl'],
}

/** The package of DDA-Thinker that a name of a kind stands for, installed or not; undefined: it is none of ours. */
export function firstPartyPackage(kind: PluginKind | 'preset', use: string): string | undefined {
  const name = use.startsWith(SCOPE) ? use.slice(SCOPE.length) : use
  const named = NAMES[kind]?.find((known) => known === name || `${kind}-${known}` === name)
  if (named !== undefined) return `${SCOPE}${kind}-${named}`
  const set = Object.entries(SETS).find(
    ([folder, kinds]) =>
      kinds.includes(kind as PluginKind) &&
      (folder === name || PLUGIN_KINDS.some((other) => folder === `${other}-${name}`)),
  )
  return set === undefined ? undefined : SCOPE + set[0]
}
