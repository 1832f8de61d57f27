import { resolve } from 'node:path'
import { checkDeclared, checkRole } from '@dda-thinker/plugin-api'
import type { HookName, Hooks, List, Logger, Opens, PluginApi, Slot } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import type { Assembly, LoadedPlugin, OpenContext } from './assembly.ts'
import { attribute, type Attribution } from './attribution.ts'
import { CallLog, watchCalls } from './calls.ts'
import {
  pluginOfOtherKind,
  type Block,
  type FoundPlugin,
  type KeyPath,
  type Origins,
  type ProjectConfig,
  withArticle,
} from '@dda-thinker/config'
import { RunContainer } from './container.ts'
import { guardFunction, guardRole } from './guard.ts'
import { LifecycleHooks } from './hooks.ts'
import { prefixedLogger, silentLogger } from './log.ts'

export interface RunOptions {
  /** What plugin paths are relative to where `origins` does not say otherwise. */
  readonly cwd: string
  /** Where each value was said, from `loadConfig`: plugins are sought from the folder of the file that names them. */
  readonly origins?: Origins
  readonly runDir?: string
  /** Default: silent. */
  readonly log?: Logger
}

/** A plugin of the run, loaded and checked. */
export interface Member {
  readonly block: Block
  readonly found: FoundPlugin
  /** The block's `id`, or else the plugin's own name. */
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What an assembly has in common with those that differ from it in a slot. */
interface Shared {
  readonly calls: CallLog
  readonly hooks: LifecycleHooks
  readonly providers: WeakMap<object, string>
  readonly opened: Map<object, Promise<void>>
}

function newShared(): Shared {
  const calls = new CallLog()
  return { calls, hooks: new LifecycleHooks(calls), providers: new WeakMap(), opened: new Map() }
}

/** The bound plugins of one run. */
export class RunAssembly implements Assembly {
  readonly config: ProjectConfig
  readonly plugins: readonly LoadedPlugin[]
  readonly log: Logger
  readonly #members: readonly Member[]
  readonly #options: RunOptions
  readonly #shared: Shared
  readonly #container: RunContainer
  readonly #calls: CallLog
  readonly #hooks: LifecycleHooks
  readonly #providers: WeakMap<object, string>
  readonly #opened: Map<object, Promise<void>>

  constructor(
    config: ProjectConfig,
    members: readonly Member[],
    options: RunOptions,
    container = new RunContainer(),
    shared = newShared(),
  ) {
    this.config = config
    this.#shared = shared
    this.#container = container
    this.#calls = shared.calls
    this.#hooks = shared.hooks
    this.#providers = shared.providers
    this.#opened = shared.opened
    this.log = options.log ?? silentLogger
    this.#members = members
    this.#options = options
    this.plugins = members.map((member) => ({
      name: member.name,
      kind: member.found.kind,
      path: member.found.path,
      version: member.found.version,
      options: printableOptions(member, options),
    }))
  }

  /** @param partial some plugins of the config were left unloaded */
  setUp(partial: boolean): void {
    const { deadline } = this.config.engine
    this.#container.onDispose(watchCalls(Math.max(...Object.values(deadline))))
    for (const member of this.#members) this.#setUpOne(member)
    this.#hooks.freeze({ lenient: partial, seconds: deadline.tap })
  }

  resolve<T>(slot: Slot<T>): T {
    return this.#container.resolve(slot)
  }

  with<T extends object>(slot: Slot<T>, role: T, by: string): Assembly {
    this.#providers.set(role, by)
    const container = this.#container.with(slot, by, role)
    return new RunAssembly(this.config, this.#members, this.#options, container, this.#shared)
  }

  has(slot: Slot<unknown>): boolean {
    return this.#container.providerOf(slot) !== undefined
  }

  all<T>(list: List<T>): readonly T[] {
    return this.#container.all(list)
  }

  providerOf(role: object): string {
    const name = this.#providers.get(role)
    if (name === undefined) {
      throw errors.make('DDA_ROLE_UNKNOWN')
    }
    return name
  }

  async call<K extends HookName>(hook: K, noun: Hooks[K]['noun'], info: Hooks[K]['info']): Promise<Hooks[K]['noun']> {
    return this.#hooks.call(hook, noun, info)
  }

  hookOrder(hook: HookName): readonly string[] {
    return this.#hooks.order(hook)
  }

  async open(roles: readonly (Slot<unknown> | List<unknown>)[], context: OpenContext): Promise<void> {
    for (const wanted of roles) {
      const made = wanted.type === 'list' ? this.all(wanted) : this.has(wanted) ? [this.resolve(wanted)] : []
      for (const role of made) await this.#openOne(role as Opens, wanted, context)
    }
  }

  async dispose(): Promise<void> {
    await this.#container.dispose()
  }

  pending(): ReturnType<Assembly['pending']> {
    return this.#calls.pending()
  }

  timings(): ReturnType<Assembly['timings']> {
    return this.#calls.timings()
  }

  #openOne(role: Opens, wanted: Slot<unknown> | List<unknown>, { meterOf, ...context }: OpenContext): Promise<void> {
    let opening = this.#opened.get(role)
    if (opening === undefined) {
      const plugin = this.providerOf(role)
      const log = prefixedLogger(context.log, plugin)
      const meter = meterOf === undefined ? {} : { meter: meterOf(wanted.id, plugin) }
      // Also after a failed open: what it had begun is to be ended.
      this.#container.onDispose(async () => role.close?.())
      opening = Promise.resolve(role.open?.({ ...context, log, ...meter })).then(() =>
        checkRole(wanted, role, plugin ?? wanted.id),
      )
      this.#opened.set(role, opening)
    }
    return opening
  }

  #setUpOne(member: Member): void {
    const { block, found, name } = member
    const offered: string[] = []
    let over = false
    const declaring = (what: string, ...args: readonly unknown[]) => {
      if (over) throw errors.make('DDA_PLUGIN_SETUP/late', { name, what }, { plugin: name })
      checkDeclared(name, what, args)
    }
    const api: PluginApi = {
      provide: (slot, make) => {
        declaring('provide', slot, make)
        offered.push(slot.id)
        this.#container.provide(slot, name, () => this.#make(name, slot.id, make))
      },
      contribute: (list, make) => {
        declaring('contribute', list, make)
        offered.push(list.id)
        this.#container.contribute(list, name, () => this.#make(name, list.id, make))
      },
      tap: (hook, fn, options) => this.#hooks.declare({ name, aliases: [found.plugin.name] }, hook, fn, options),
      onDispose: (fn) => {
        declaring('onDispose', fn)
        const end = guardFunction(fn, name, 'onDispose', this.#calls.meter(name, 'onDispose'))
        this.#container.onDispose(async () => void (await end()))
      },
      resolvePath: (path) => resolve(this.#dirOf(block, path), path),
      runDir: this.#options.runDir,
      log: prefixedLogger(this.log, name),
    }
    let result: unknown
    try {
      result = found.plugin.setup(api, member.options)
    } catch (error) {
      throw attribute(error, { plugin: name }, 'setup()')
    }
    over = true
    if (result !== undefined) {
      if (result instanceof Promise) result.catch(() => undefined)
      throw errors.make('DDA_PLUGIN_SETUP/async', { name }, { plugin: name })
    }
    const { target } = block.key
    if (target !== undefined && !offered.includes(target.id)) {
      const offers = offered.length > 0 ? offered : ['plugin']
      const error = pluginOfOtherKind(block.use, found.kind, offers, found.path)
      throw attribute(error, { plugin: name, ...located(this.#options, [...block.path, 'use']) })
    }
  }

  /** A path stands where its text stands; one that a plugin made up is relative to whoever named the plugin. */
  #dirOf(block: Block, path: string): string {
    const { origins, cwd } = this.#options
    return origins?.dirOfText(block.path, path) ?? origins?.dirOf([...block.path, 'use']) ?? resolve(cwd)
  }

  #make<T>(plugin: string, id: string, make: () => T): T {
    let role: T
    try {
      role = make()
    } catch (error) {
      throw attribute(error, { plugin }, `making the ${id}`)
    }
    if (typeof role !== 'object' || role === null) {
      const got = role === null ? 'null' : typeof role
      throw errors.make('DDA_PLUGIN_ROLE', { plugin, got, due: withArticle(id), role: id }, { plugin })
    }
    return guardRole(role, plugin, id, this.#calls, (guarded) => this.#providers.set(guarded, plugin))
  }
}

/** Where a key of the config stands. */
export function located({ origins }: RunOptions, path: KeyPath): Attribution {
  return origins === undefined ? {} : { location: origins.locate(path) }
}

/** What may be stored of a plugin's options. */
function printableOptions(member: Member, { origins }: RunOptions): Readonly<Record<string, unknown>> {
  const written = origins?.written(member.block.path) as Readonly<Record<string, unknown>> | undefined
  const entries = Object.entries(member.options).map(([key, value]) => [key, written?.[key] ?? value] as const)
  return Object.fromEntries(entries)
}
