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

/** Which key of the config holds plugins of which kind. */
export const PLUGIN_KEYS: readonly PluginKey[] = [
  { key: 'plugins', kind: 'plugin', many: true },
  { key: 'synthesizer', kind: 'synthesizer', many: true, target: SYNTHESIZERS },
  { key: 'curator', kind: 'curator', many: true, target: CURATORS },
  { key: 'thinker', kind: 'thinker', many: false, target: THINKER },
  { key: 'editor', kind: 'editor', many: false, target: EDITOR },
  { key: 'judge', kind: 'judge', many: true, target: JUDGES },
  { key: 'reward', kind: 'reward', many: false, target: REWARD },
  { key: 'trainer', kind: 'trainer', many: false, target: TRAINER },
  { key: 'benchmark', kind: 'benchmark', many: true, target: BENCHMARKS },
  { key: 'tracker', kind: 'tracker', many: true },
]

export const PLUGIN_KINDS: readonly PluginKind[] = [
  'synthesizer',
  'curator',
  'thinker',
  'editor',
  'judge',
  'reward',
  'trainer',
  'tracker',
  'benchmark',
  'plugin',
]

/** `an editor`, `a judge`. */
export function withArticle(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`
}
