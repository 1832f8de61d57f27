import type { HookName, Hooks, List, Logger, RoleContext, ServiceCall, Slot } from '@dda-thinker/plugin-api'
import type { ProjectConfig } from '@dda-thinker/config'

/** A loaded plugin, as manifests and `dda plugins` show it. */
export interface LoadedPlugin {
  readonly name: string
  readonly kind: string
  /** Where it was resolved from. */
  readonly path: string
  readonly version: string | undefined
  /** With defaults; strings that name environment variables as they were written, so that this may be stored. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What roles are opened with: each gets a meter of its own. */
export interface OpenContext extends RoleContext {
  /** The meter of a slot or list, by its id, and the plugin that fills it. */
  readonly meterOf?: (id: string, plugin: string) => (call: ServiceCall) => void
}

/**
 * All plugins of one config, checked, ordered and bound: what the stages work with. Every call of a plugin's function goes
 * through one wrapper that names the plugin (and hook, and sample) in errors, keeps the cause, times it and knows when it
 * never ended.
 */
export interface Assembly {
  readonly config: ProjectConfig
  readonly plugins: readonly LoadedPlugin[]
  /** @throws DdaError `DDA_SLOT_EMPTY` naming the config key that would fill it. */
  resolve<T>(slot: Slot<T>): T
  has(slot: Slot<unknown>): boolean
  /** The same assembly with another role in one slot, `by` its provider's name. It is opened and disposed with this one. */
  with<T extends object>(slot: Slot<T>, role: T, by: string): Assembly
  all<T>(list: List<T>): readonly T[]
  /** Name of the plugin that provided an object got from `resolve` or `all`. */
  providerOf(role: object): string
  /** Runs the taps of a hook in order; returns the noun, transformed or not. */
  call<K extends HookName>(hook: K, noun: Hooks[K]['noun'], info: Hooks[K]['info']): Promise<Hooks[K]['noun']>
  /** Names of the plugins that tap a hook, in the order in which they are called. */
  hookOrder(hook: HookName): readonly string[]
  /** Calls `open` of the roles named (slots filled and lists), once each. */
  open(roles: readonly (Slot<unknown> | List<unknown>)[], context: OpenContext): Promise<void>
  /** Closes what was opened and disposes plugins, last in first out; collects every error. */
  dispose(): Promise<void>
  /** Calls that have begun and not ended: plugin, function, milliseconds. */
  pending(): readonly { readonly plugin: string; readonly call: string; readonly ms: number }[]
  /** Count and total milliseconds of finished calls, by plugin and function. */
  timings(): readonly { readonly plugin: string; readonly call: string; readonly count: number; readonly ms: number }[]
  readonly log: Logger
}
