import { checkDeclared, checkReward, HOOK_IDENTITY, HOOK_NAMES, hookResultProblem } from '@dda-thinker/plugin-api'
import type { HookName, Hooks, Tap, TapOptions } from '@dda-thinker/plugin-api'
import { AsyncSeriesWaterfallHook } from 'tapable'
import { attribute } from './attribution.ts'
import type { CallLog } from './calls.ts'
import { isPromise } from './guard.ts'
import { didYouMean, nearest } from '@dda-thinker/config'
import { orderTaps, type Orderable, type OrderOptions } from './order.ts'
import { errors } from '../errors.ts'

type AnyNoun = Hooks[HookName]['noun']
type AnyInfo = Hooks[HookName]['info']
type AnyTap = (noun: AnyNoun, info: AnyInfo) => Promise<AnyNoun | void> | AnyNoun | void

/** Who taps. */
export type Tapper = Pick<Orderable, 'name' | 'aliases'>

interface Declared extends Orderable {
  readonly fn: AnyTap
}

/** The six hooks of a run: taps are declared while plugins set up, then ordered, tapped into tapable, and frozen. */
export class LifecycleHooks {
  readonly #declared = new Map<HookName, Declared[]>(HOOK_NAMES.map((name) => [name, []]))
  readonly #hooks = new Map<HookName, AsyncSeriesWaterfallHook<[AnyNoun, AnyInfo]>>()
  readonly #calls: CallLog
  #frozen = false

  constructor(calls: CallLog) {
    this.#calls = calls
  }

  /** @throws DdaError `DDA_HOOK_FROZEN`, `DDA_HOOK_UNKNOWN` */
  declare<K extends HookName>(tapper: Tapper, hook: K, fn: Tap<K>, options: TapOptions = {}): void {
    const { name } = tapper
    if (this.#frozen) throw errors.make('DDA_HOOK_FROZEN', { name, hook }, { plugin: name, hook })
    const taps = this.#declared.get(hook)
    if (taps === undefined) {
      const meant = didYouMean(nearest(hook, HOOK_NAMES))
      throw errors.make('DDA_HOOK_UNKNOWN', { name, hook, didYouMean: meant }, { plugin: name, hook })
    }
    checkDeclared(name, 'tap', [hook, fn, options.order])
    const { order = 'normal', before = [], after = [] } = options
    taps.push({ ...tapper, order, before, after, fn })
  }

  /** Sorts and taps; nothing can be added afterwards. @throws DdaError `DDA_HOOK_ORDER_UNKNOWN`, `DDA_HOOK_ORDER_LOOP` */
  freeze(options: OrderOptions & { readonly seconds?: number } = {}): void {
    this.#frozen = true
    for (const [name, taps] of this.#declared) {
      if (taps.length === 0) continue
      const hook = new AsyncSeriesWaterfallHook<[AnyNoun, AnyInfo]>(['noun', 'info'], name)
      for (const tap of orderTaps(name, taps, options))
        hook.tapPromise(tap.name, this.#guard(name, tap, options.seconds) as never)
      this.#hooks.set(name, hook)
    }
  }

  /** Names of the plugins that tap a hook, in the order in which they are called. */
  order(name: HookName): readonly string[] {
    return this.#hooks.get(name)?.taps.map((tap) => tap.name) ?? []
  }

  async call<K extends HookName>(name: K, noun: Hooks[K]['noun'], info: Hooks[K]['info']): Promise<Hooks[K]['noun']> {
    const hook = this.#hooks.get(name)
    return hook === undefined ? noun : hook.promise(noun, info)
  }

  #guard(name: HookName, tap: Declared, seconds = 900): (noun: AnyNoun, info: AnyInfo) => Promise<AnyNoun | undefined> {
    const meter = this.#calls.meter(tap.name, `tap ${name}`)
    const identity = HOOK_IDENTITY[name] as (noun: AnyNoun) => Readonly<Record<string, unknown>>
    const unfit = (problem: string) =>
      errors.make('DDA_HOOK_RESULT', { name: tap.name, hook: name, problem }, { plugin: tap.name, hook: name })
    return async (noun, info) => {
      const begun = meter.begin()
      const late = () => errors.make('DDA_PLUGIN_STUCK/deadline', { name: tap.name, hook: name, seconds })
      // Alone it keeps no process: where nothing else does, that is an end of its own.
      const timer = setTimeout(() => begun.abandon?.(late()), seconds * 1000).unref()
      try {
        const before = identity(noun)
        const told = tap.fn(noun, info)
        const result = isPromise(told) ? await meter.wait(begun, told) : told
        if (result === undefined) return undefined
        if (typeof result !== 'object' || result === null) throw unfit(`returned ${JSON.stringify(result)}`)
        const after = identity(result)
        for (const [key, value] of Object.entries(before)) {
          if (!Object.is(after[key], value)) {
            throw unfit(`changed \`${key}\` from ${JSON.stringify(value)} to ${JSON.stringify(after[key])}`)
          }
        }
        const problem = hookResultProblem(name, result)
        if (problem !== undefined) throw unfit(problem)
        // As of the decomposition: what adds up to nothing is recorded by nobody.
        if ('reward' in result && result.reward && result.plan) checkReward(result.plan, result.reward)
        return result
      } catch (error) {
        const sampleId = sampleOf(noun, info)
        throw attribute(
          error,
          { plugin: tap.name, hook: name, stage: name, ...(sampleId === undefined ? {} : { sampleId }) },
          `its tap on \`${name}\``,
        )
      } finally {
        clearTimeout(timer)
        meter.end(begun)
      }
    }
  }
}

function sampleOf(noun: AnyNoun, info: AnyInfo): string | undefined {
  if ('sample' in info) return info.sample?.id
  if ('sample' in noun) return noun.sample?.id
  return 'instruction' in noun ? noun.id : undefined
}
