import { checkStream, hashSecrets, roleClosed } from '@dda-thinker/plugin-api'
import { attribute } from './attribution.ts'
import type { CallLog, CallMeter } from './calls.ts'

/** What a role may be asked only between `open` and `close`; the rest of it describes or diagnoses. */
const WORK: ReadonlySet<PropertyKey> = new Set([
  'plan',
  'edit',
  'judge',
  'update',
  'imitate',
  'synthesize',
  'annotate',
  'curate',
])

/** Shared by a role and the roles inside it, which open with it. */
interface Life {
  open: boolean
}

type Callable = (...args: readonly unknown[]) => unknown

/**
 * The one wrapper around everything that a plugin made: its functions are timed and known while they run, and what they
 * throw names the plugin, the call and the sample. Each method is wrapped once. Works on any object (class instances with
 * private fields, frozen literals) and on the roles inside it, for example a trainer's `thinker`. A role that has an `open` is
 * not asked to work outside of it.
 */
export function guardRole<T extends object>(
  role: T,
  plugin: string,
  label: string,
  calls: CallLog,
  onGuard: (guarded: object) => void,
  life: Life = { open: typeof (role as { readonly open?: unknown }).open !== 'function' },
): T {
  const methods = new Map<PropertyKey, { readonly original: Callable; readonly guarded: Callable }>()
  const inner = new WeakMap<object, object>()
  // An empty target: a proxy over the role itself may not answer otherwise than a frozen role's own properties.
  const guarded = new Proxy(Object.create(null) as object, {
    get(_target, key) {
      const value: unknown = Reflect.get(role, key, role)
      if (typeof value === 'function') {
        const known = methods.get(key)
        if (known?.original === value) return known.guarded
        if (key === 'constructor') return value
        const original = value as Callable
        const call = `${label}.${String(key)}`
        const made = guardFunction(
          alive(original.bind<Callable>(role), key, plugin, life),
          plugin,
          call,
          calls.meter(plugin, call),
        )
        methods.set(key, { original, guarded: made })
        return made
      }
      if (!isRole(value)) return key === 'fingerprint' && typeof value === 'string' ? hashSecrets(value) : value
      let wrapped = inner.get(value)
      if (wrapped === undefined) {
        wrapped = guardRole(value, plugin, `${label}.${String(key)}`, calls, onGuard, life)
        inner.set(value, wrapped)
      }
      return wrapped
    },
    set: (_target, key, value) => Reflect.set(role, key, value, role),
    has: (_target, key) => Reflect.has(role, key),
    ownKeys: () => Reflect.ownKeys(role),
    getPrototypeOf: () => Reflect.getPrototypeOf(role),
    getOwnPropertyDescriptor(_target, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(role, key)
      return descriptor === undefined ? undefined : { ...descriptor, configurable: true }
    },
  }) as T
  onGuard(guarded)
  return guarded
}

/** `open` and `close` change the life of the role, work is refused outside of it. */
function alive(fn: Callable, key: PropertyKey, plugin: string, life: Life): Callable {
  if (key === 'open') {
    return async (...args) => {
      await fn(...args)
      life.open = true
    }
  }
  if (key === 'close') {
    return async (...args) => {
      life.open = false
      await fn(...args)
    }
  }
  if (!WORK.has(key)) return fn
  return (...args) => {
    if (!life.open) throw roleClosed(plugin)
    return checkStream(fn(...args), key, plugin)
  }
}

/** An object with a method of its own or of its class; data (`supports`, arrays, typed arrays) passes as it is. */
function isRole(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  const isBuiltIn = Object.prototype.toString.call(value) !== '[object Object]'
  if (prototype !== Object.prototype && prototype !== null && isBuiltIn) return false
  return hasMethod(value) || (prototype !== Object.prototype && prototype !== null && hasMethod(prototype as object))
}

function hasMethod(value: object): boolean {
  return Object.getOwnPropertyNames(value).some((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, name)
    return name !== 'constructor' && typeof descriptor?.value === 'function'
  })
}

/** A function of a plugin, timed and known while it runs; what it throws names plugin and call. */
export function guardFunction(fn: Callable, plugin: string, call: string, meter: CallMeter): Callable {
  return (...args) => {
    const begun = meter.begin()
    let result: unknown
    try {
      result = fn(...args)
    } catch (error) {
      meter.end(begun)
      throw blame(error, plugin, call, args)
    }
    if (isPromise(result)) {
      return meter.wait(begun, result).then(
        (value) => {
          meter.end(begun)
          return value
        },
        (error: unknown) => {
          meter.end(begun)
          throw blame(error, plugin, call, args)
        },
      )
    }
    meter.end(begun)
    return isAsyncIterable(result) ? guardIterable(result, plugin, call, meter, args) : result
  }
}

/** Each wait for the next item is timed and known; the whole stream counts as the one call that made it. */
function guardIterable(
  iterable: AsyncIterable<unknown>,
  plugin: string,
  call: string,
  meter: CallMeter,
  args: readonly unknown[],
): AsyncIterableIterator<unknown> {
  let iterator: AsyncIterator<unknown> | undefined
  const wait = async (step: (from: AsyncIterator<unknown>) => Promise<IteratorResult<unknown>>) => {
    const begun = meter.begin()
    try {
      iterator ??= iterable[Symbol.asyncIterator]()
      return await meter.wait(begun, step(iterator))
    } catch (error) {
      throw blame(error, plugin, call, args)
    } finally {
      meter.end(begun, false)
    }
  }
  return {
    next: async () => wait(async (from) => from.next()),
    return: async (value) => wait(async (from) => (await from.return?.(value)) ?? { done: true, value }),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** An abort that was asked for is no failure of the plugin: it passes as it is. */
function blame(error: unknown, plugin: string, call: string, args: readonly unknown[]): unknown {
  const signal = abortedSignal(args)
  if (signal !== undefined && (error === signal.reason || (error as Error | undefined)?.name === 'AbortError'))
    return error
  const sampleId = sampleOf(args[0])
  return attribute(error, { plugin, ...(sampleId === undefined ? {} : { sampleId }) }, `${call}()`)
}

function abortedSignal(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    const signal =
      typeof arg === 'object' && arg !== null ? (arg as { readonly signal?: AbortSignal }).signal : undefined
    if (signal?.aborted === true) return signal
  }
  return undefined
}

/** The sample that a request is about, where it says so: `sampleId`, a plan's, or the only request's input. */
function sampleOf(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null) return undefined
  const only: unknown = Array.isArray(request) && request.length === 1 ? request[0] : request
  const { sampleId, plan, input } = only as {
    readonly sampleId?: unknown
    readonly plan?: { readonly sampleId?: unknown }
    readonly input?: { readonly id?: unknown }
  }
  const found = sampleId ?? plan?.sampleId ?? input?.id
  return typeof found === 'string' ? found : undefined
}

export function isPromise<T>(value: Promise<T> | T): value is Promise<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
