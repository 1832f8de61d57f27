// The one file that knows tsyringe, which wants the polyfill even where no decorator is used. It serves as a registry
// only: it awaits no factory, its list look-up hides a parent's list, and its disposal skips what factories made and stops
// at the first error. Lists and the disposal stack are therefore our own.
import 'reflect-metadata'
import { isDdaError, type List, type Slot } from '@dda-thinker/plugin-api'
import { container as root, instanceCachingFactory, type DependencyContainer } from 'tsyringe'
import { messageOf } from '@dda-thinker/config'
import { errors } from '../errors.ts'

interface Contribution {
  readonly plugin: string
  readonly make: () => unknown
  made?: { readonly value: unknown }
}

/** What the plugins of one run provide, made when it is first asked for. */
export class RunContainer {
  readonly #container: DependencyContainer
  readonly #providers: Map<symbol, string>
  readonly #lists: Map<symbol, Contribution[]>
  readonly #endings: (() => void | Promise<void>)[]
  readonly #parent: RunContainer | undefined
  #disposed: Promise<void> | undefined

  /** @param parent what this one overrides: it sees the parent's slots and lists, and ends with it */
  constructor(parent?: RunContainer) {
    this.#parent = parent
    this.#container = (parent === undefined ? root : parent.#container).createChildContainer()
    this.#providers = new Map(parent === undefined ? [] : parent.#providers)
    this.#lists = parent === undefined ? new Map<symbol, Contribution[]>() : parent.#lists
    this.#endings = parent === undefined ? [] : parent.#endings
  }

  /** The same with another role in one slot; this container stays as it is. */
  with<T>(slot: Slot<T>, plugin: string, role: T): RunContainer {
    const child = new RunContainer(this)
    child.#providers.set(slot.key, plugin)
    child.#container.register(slot.key, { useValue: role })
    return child
  }

  /** @throws DdaError `DDA_SLOT_TAKEN` naming both plugins */
  provide<T>(slot: Slot<T>, plugin: string, make: () => T): void {
    const first = this.#providers.get(slot.key)
    if (first !== undefined) {
      throw errors.make('DDA_SLOT_TAKEN', { first, second: plugin, slot: slot.id }, { plugin })
    }
    this.#providers.set(slot.key, plugin)
    this.#container.register(slot.key, { useFactory: instanceCachingFactory(() => make()) })
  }

  contribute<T>(list: List<T>, plugin: string, make: () => T): void {
    const contributions = this.#lists.get(list.key) ?? []
    contributions.push({ plugin, make })
    this.#lists.set(list.key, contributions)
  }

  /** Name of the plugin that fills a slot. */
  providerOf(slot: Slot<unknown>): string | undefined {
    return this.#providers.get(slot.key)
  }

  /** @throws DdaError `DDA_SLOT_EMPTY` naming the config key that would fill it */
  resolve<T>(slot: Slot<T>): T {
    if (!this.#providers.has(slot.key)) throw errors.make('DDA_SLOT_EMPTY', { slot: slot.id })
    return this.#container.resolve<T>(slot.key)
  }

  all<T>(list: List<T>): readonly T[] {
    return (this.#lists.get(list.key) ?? []).map((contribution) => {
      contribution.made ??= { value: contribution.make() }
      return contribution.made.value as T
    })
  }

  onDispose(end: () => void | Promise<void>): void {
    this.#endings.push(end)
  }

  /** Runs every ending, last in first out, whatever the others did. @throws DdaError `DDA_DISPOSE_FAILED` with all errors */
  async dispose(): Promise<void> {
    this.#disposed ??= this.#parent === undefined ? this.#end() : this.#parent.dispose()
    return this.#disposed
  }

  async #end(): Promise<void> {
    const failures: unknown[] = []
    for (let end = this.#endings.pop(); end !== undefined; end = this.#endings.pop()) {
      try {
        await end()
      } catch (error) {
        failures.push(error)
      }
    }
    this.#container.clearInstances()
    if (failures.length === 0) return
    const each = failures.map((error) => `  ${messageOf(error)}`).join('\n')
    const cause = new AggregateError(failures, 'Errors while closing')
    const plugin = failures.find(isDdaError)?.plugin
    throw errors.make('DDA_DISPOSE_FAILED', { count: failures.length, each }, { cause, ...(plugin && { plugin }) })
  }
}
