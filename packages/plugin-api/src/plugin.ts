import type { Static, TSchema } from 'typebox'
import type { HookName, Tap, TapOptions } from './hooks.ts'
import type { Logger } from './role-context.ts'
import type { List, PluginKind, Slot } from './slots.ts'

/** Bumped when the contract breaks. A plugin built for another number is refused. */
export const API_VERSION = 1

const PLUGIN = Symbol.for('dda-thinker:plugin')
const PLUGIN_SET = Symbol.for('dda-thinker:plugin-set')

/** What a plugin's `setup` may do: declare. No work, no I/O; that belongs in the role's `open`. */
export interface PluginApi {
  /** Fills a slot. A second provider of the same slot is an error that names both. */
  provide<T>(slot: Slot<T>, make: () => T): void
  /** Adds to a list, in config order. */
  contribute<T>(list: List<T>, make: () => T): void
  /** Observes or transforms a noun that a stage has just made. */
  tap<K extends HookName>(hook: K, fn: Tap<K>, options?: TapOptions): void
  /** Called once when the run ends, last in first out, whatever happened. */
  onDispose(fn: () => void | Promise<void>): void
  /** Resolves a path relative to the file of the config that named this plugin. */
  resolvePath(path: string): string
  /** The run directory, where there is one. */
  readonly runDir: string | undefined
  /** Lines carry the plugin's name. */
  readonly log: Logger
}

/**
 * How near to the user an option (dotted: `clip.value`) was said. 0: by nobody, it is the default. From 1 up: by presets, in the order in
 * which they are applied. Highest, and all alike: by the project's own file, a variable or an argument. Of a group: the highest in it.
 */
export type LayerOf = (option: string) => number

/** What `install` of a plugin gets. */
export interface InstallContext {
  /** Told what takes long, line by line, before and while it happens. */
  readonly onLine: (line: string) => void
  /** For what is not worth a line. */
  readonly log: Logger
  /** Aborted by Ctrl-C; what was begun must be taken up again by the next call. */
  readonly signal?: AbortSignal
}

/** Where a stand-in is to listen. */
export interface FakeAddress {
  /** Name or address of an interface, `127.0.0.1` for this machine alone. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** A stand-in that is up. */
export interface FakeServer {
  /** Base URL, as the plugin's options take it. */
  readonly url: string
  /** Options of the plugin that lead to it. */
  readonly options: Readonly<Record<string, unknown>>
  /** Ends it, and what is connected to it. */
  close(): Promise<void>
}

/** What a plugin is: its name, its options and what it declares. */
export interface PluginDefinition<S extends TSchema = TSchema> {
  /** Unique in a run; equals the package's last segment, for example `reward-brevity`. */
  readonly name: string
  /** {@link API_VERSION} the plugin was written for. */
  readonly apiVersion: number
  /** TypeBox (JSON) schema of its options; unknown keys should be refused (`additionalProperties: false`). */
  readonly options: S
  /**
   * Takes back options that have no effect beside what is said above them: what a preset was tuned with gives way to the project. Called
   * where a configuration is loaded from files, with checked options and their defaults; what it returns is what `setup` gets and what
   * is shown and recorded. It changes nothing that is given, returns no promise and throws nothing: what is left is for `setup` to refuse.
   */
  settle?(options: Static<S>, layerOf: LayerOf): Static<S>
  /** Declares what the plugin offers. Called once a run, with checked options and their defaults. */
  setup(api: PluginApi, options: Static<S>): void
  /**
   * Makes what the plugin needs beside its package (an environment of another language, say) and gives lines for people that
   * say what is there now. May be called again, and then does what is missing. `dda <kind> install <name>` calls it, without
   * a config and without `setup`.
   */
  install?(context: InstallContext): Promise<readonly string[]>
  /**
   * Starts a small server that speaks as those do that the plugin calls, without a model: for a configuration whose servers
   * are not up yet. `dda fake <kind> <name>` calls it, without a config and without `setup`.
   */
  fake?(address: FakeAddress): Promise<FakeServer>
}

/** A definition as the loader takes it. */
export type Plugin<S extends TSchema = TSchema> = PluginDefinition<S>

/** One package, several kinds: the loader picks by the key of the config. */
export type PluginSet = Readonly<Partial<Record<PluginKind, Plugin>>>

/**
 * Marks a plugin. The default export of a plugin package is the result of this or of {@link definePluginSet}.
 *
 * @example
 * export default definePlugin({
 *   name: 'reward-brevity',
 *   apiVersion: API_VERSION,
 *   options: Type.Object({ target: Type.Integer({ minimum: 1, default: 40 }) }, { additionalProperties: false }),
 *   setup(api, { target }) {
 *     api.provide(REWARD, () => brevity(target))
 *   },
 * })
 */
export function definePlugin<S extends TSchema>(definition: PluginDefinition<S>): Plugin<S> {
  return mark(definition, PLUGIN)
}

/** Marks a set of plugins of different kinds that one package offers under one name. */
export function definePluginSet(set: { readonly [K in PluginKind]?: Plugin<never> | Plugin }): PluginSet {
  return mark(set as PluginSet, PLUGIN_SET)
}

/** Was it made by {@link definePlugin}, also by another copy of this package? */
export function isPlugin(value: unknown): value is Plugin {
  return hasMark(value, PLUGIN)
}

/** Was it made by {@link definePluginSet}, also by another copy of this package? */
export function isPluginSet(value: unknown): value is PluginSet {
  return hasMark(value, PLUGIN_SET)
}

function mark<T extends object>(value: T, symbol: symbol): T {
  return Object.defineProperty({ ...value }, symbol, { value: true })
}

function hasMark(value: unknown, symbol: symbol): boolean {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[symbol] === true
}
