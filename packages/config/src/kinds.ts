import {
  BENCHMARKS,
  CURATORS,
  EDITOR,
  JUDGES,
  type List,
  type PluginKind,
  REWARD,
  type Slot,
  SYNTHESIZERS,
  THINKER,
  TRAINER,
} from '@dda-thinker/plugin-api'

/** A key of the project config that names plugins. */
export interface PluginKey {
  readonly key: string
  readonly kind: PluginKind
  /** The key takes a list of blocks, not one. */
  readonly many: boolean
  /** What a plugin under this key must fill; absent for plugins that only tap hooks. */
  readonly target?: Slot<unknown> | List<unknown>
}

/** Which key of the config holds plugins of which kind, in the order of the lifecycle. */
const KEYS = {
  plugin: { key: 'plugins', many: true },
  synthesizer: { key: 'synthesizer', many: true, target: SYNTHESIZERS },
  curator: { key: 'curator', many: true, target: CURATORS },
  thinker: { key: 'thinker', many: false, target: THINKER },
  editor: { key: 'editor', many: false, target: EDITOR },
  judge: { key: 'judge', many: true, target: JUDGES },
  reward: { key: 'reward', many: false, target: REWARD },
  trainer: { key: 'trainer', many: false, target: TRAINER },
  benchmark: { key: 'benchmark', many: true, target: BENCHMARKS },
  tracker: { key: 'tracker', many: true },
} as const satisfies Readonly<Record<PluginKind, Omit<PluginKey, 'kind'>>>

export const PLUGIN_KINDS = Object.keys(KEYS) as readonly PluginKind[]

export const PLUGIN_KEYS: readonly PluginKey[] = PLUGIN_KINDS.map((kind) => ({ kind, ...KEYS[kind] }))

/** `an editor`, `a judge`. */
export function withArticle(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`
}
