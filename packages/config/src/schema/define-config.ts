import type { PluginBlockConfig, ProjectConfig } from './project-config.ts'

type Deep<T> = T extends readonly (infer Item)[]
  ? readonly Deep<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Deep<T[K]> }
    : T

type BlockKey = 'thinker' | 'editor' | 'reward' | 'trainer'

/** A plugin block as a config file may write it: without `use` where a preset names the plugin. */
export type PluginBlockInput = Partial<PluginBlockConfig> & Readonly<Record<string, unknown>>

/** What a config file may say: every key may be left out. */
export type ProjectConfigInput = Omit<
  Deep<ProjectConfig>,
  BlockKey | 'plugins' | 'synthesizer' | 'curator' | 'judge'
> & {
  readonly [K in BlockKey]?: PluginBlockInput
} & {
  readonly [K in 'plugins' | 'synthesizer' | 'curator' | 'judge']?: readonly PluginBlockInput[]
} & {
  /** Presets this config builds on, the first one lowest. */
  readonly extends?: string | readonly string[]
  readonly $schema?: string
} & { readonly [key: `x-${string}`]: unknown }

/** Types a `dda.config.ts`; returns its argument. */
export function defineConfig<T extends ProjectConfigInput>(config: T): T {
  return config
}
