import type { PluginKind } from '@dda-thinker/plugin-api'
import { PLUGIN_KEYS, type PluginKey } from '../kinds.ts'
import type { PluginBlockConfig, ProjectConfig } from './project-config.ts'
import type { KeyPath } from '../tree/tree.ts'

/** One plugin block of a config. */
export interface Block {
  readonly key: PluginKey
  /** `['editor']`, `['judge', 0]` */
  readonly path: KeyPath
  readonly use: string
  readonly id: string | undefined
  /** Everything beside `use` and `id`. */
  readonly options: Readonly<Record<string, unknown>>
}

/** The plugin blocks of a config in the order in which it names them. */
export function blocksOf(config: ProjectConfig, only?: readonly PluginKind[]): readonly Block[] {
  const blocks: Block[] = []
  for (const [name, value] of Object.entries(config)) {
    const key = PLUGIN_KEYS.find((known) => known.key === name)
    // Plugins that only tap hooks belong to every stage.
    if (key === undefined || (only !== undefined && key.target !== undefined && !only.includes(key.kind))) continue
    const members = (key.many ? value : [value]) as readonly (PluginBlockConfig & Record<string, unknown>)[]
    members.forEach((member, index) => {
      const { use, id, ...options } = member
      blocks.push({ key, path: key.many ? [name, index] : [name], use, id, options })
    })
  }
  return blocks
}
