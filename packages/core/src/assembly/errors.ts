import { messageOf, withArticle } from '@dda-thinker/config'
import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

const didYouMean = (suggestion: string | undefined) =>
  suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`

export function pluginDuplicate(name: string, places: readonly [string, string]): DdaError {
  return errors.make('DDA_PLUGIN_DUPLICATE', { name, first: places[0], second: places[1] }, { plugin: name })
}

export function setupNotSync(name: string): DdaError {
  return errors.make('DDA_PLUGIN_SETUP/async', { name }, { plugin: name })
}

export function setupOver(name: string, what: string): DdaError {
  return errors.make('DDA_PLUGIN_SETUP/late', { name, what }, { plugin: name })
}

export function hookFrozen(name: string, hook: string): DdaError {
  return errors.make('DDA_HOOK_FROZEN', { name, hook }, { plugin: name, hook })
}

export function hookUnknown(name: string, hook: string, suggestion: string | undefined): DdaError {
  return errors.make('DDA_HOOK_UNKNOWN', { name, hook, didYouMean: didYouMean(suggestion) }, { plugin: name, hook })
}

export function orderUnknown(
  tap: string,
  hook: string,
  relation: string,
  other: string,
  suggestion: string | undefined,
): DdaError {
  return errors.make(
    'DDA_HOOK_ORDER_UNKNOWN',
    { tap, hook, relation, other, didYouMean: didYouMean(suggestion) },
    { plugin: tap, hook },
  )
}

export function orderLoop(hook: string, loop: readonly string[]): DdaError {
  return errors.make('DDA_HOOK_ORDER_LOOP', { hook, loop: loop.join(' before ') }, { hook })
}

export function hookResult(name: string, hook: string, problem: string): DdaError {
  return errors.make('DDA_HOOK_RESULT', { name, hook, problem }, { plugin: name, hook })
}

export function slotTaken(slot: string, first: string, second: string): DdaError {
  return errors.make('DDA_SLOT_TAKEN', { first, second, slot }, { plugin: second })
}

export function slotEmpty(slot: string): DdaError {
  return errors.make('DDA_SLOT_EMPTY', { slot })
}

export function roleInvalid(plugin: string, id: string, got: string): DdaError {
  return errors.make('DDA_PLUGIN_ROLE', { plugin, got, due: withArticle(id), role: id }, { plugin })
}

export function pluginStuck(plugin: string, call: string): DdaError {
  return errors.make('DDA_PLUGIN_STUCK', { plugin, call }, { plugin, kind: 'plugin-error' })
}

export function disposeFailed(failures: readonly unknown[]): DdaError {
  const each = failures.map((error) => `  ${messageOf(error)}`).join('\n')
  return errors.make(
    'DDA_DISPOSE_FAILED',
    { count: failures.length, each },
    { cause: new AggregateError(failures, 'Errors while closing') },
  )
}
