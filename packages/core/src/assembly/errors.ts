import { messageOf, withArticle } from '@dda-thinker/config'
import { DdaError } from '@dda-thinker/plugin-api'

const didYouMean = (suggestion: string | undefined) =>
  suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`

export function pluginDuplicate(name: string, places: readonly [string, string]): DdaError {
  return new DdaError('DDA_PLUGIN_DUPLICATE', `Two plugins are called ${name}: ${places[0]} and ${places[1]}.`, {
    plugin: name,
    next: 'Give one of the blocks an `id` of its own.',
  })
}

export function setupNotSync(name: string): DdaError {
  return new DdaError('DDA_PLUGIN_SETUP', `The setup of plugin ${name} returned a promise; it may only declare.`, {
    plugin: name,
    next: "Move the work into the role's open().",
  })
}

export function setupOver(name: string, what: string): DdaError {
  return new DdaError('DDA_PLUGIN_SETUP', `Plugin ${name} called api.${what} after its setup had returned.`, {
    plugin: name,
    next: 'Declare everything inside setup.',
  })
}

export function hookFrozen(name: string, hook: string): DdaError {
  return new DdaError(
    'DDA_HOOK_FROZEN',
    `Plugin ${name} tapped \`${hook}\` after its setup had returned; hooks are frozen by then.`,
    {
      plugin: name,
      hook,
      next: 'Tap inside setup, and decide inside the tap whether there is anything to do.',
    },
  )
}

export function hookUnknown(name: string, hook: string, suggestion: string | undefined): DdaError {
  return new DdaError(
    'DDA_HOOK_UNKNOWN',
    `Plugin ${name} taps \`${hook}\`, which is no hook.${didYouMean(suggestion)}`,
    {
      plugin: name,
      hook,
      next: 'See docs/plugins.md for the hooks there are.',
    },
  )
}

export function orderUnknown(
  tap: string,
  hook: string,
  relation: string,
  other: string,
  suggestion: string | undefined,
): DdaError {
  return new DdaError(
    'DDA_HOOK_ORDER_UNKNOWN',
    `Plugin ${tap} taps \`${hook}\` ${relation} ${other}, but no plugin ${other} taps that hook.${didYouMean(suggestion)}`,
    { plugin: tap, hook, next: `Add ${other} to the configuration, or take it out of \`${relation}\`.` },
  )
}

export function orderLoop(hook: string, loop: readonly string[]): DdaError {
  return new DdaError('DDA_HOOK_ORDER_LOOP', `The taps of \`${hook}\` cannot be ordered: ${loop.join(' before ')}.`, {
    hook,
    next: 'Take one `before` or `after` out of the circle.',
  })
}

export function hookResult(name: string, hook: string, problem: string): DdaError {
  return new DdaError('DDA_HOOK_RESULT', `The tap of plugin ${name} on \`${hook}\` ${problem}.`, {
    plugin: name,
    hook,
    next: 'Return a changed copy that keeps every id, or nothing.',
  })
}

export function slotTaken(slot: string, first: string, second: string): DdaError {
  return new DdaError('DDA_SLOT_TAKEN', `Both ${first} and ${second} provide the ${slot}; there is exactly one.`, {
    plugin: second,
    next: 'Take one of the two out of the configuration.',
  })
}

export function slotEmpty(slot: string): DdaError {
  return new DdaError('DDA_SLOT_EMPTY', `No plugin provides the ${slot}.`, {
    next: `Add a \`${slot}: { use: ... }\` block to the configuration.`,
  })
}

export function roleInvalid(plugin: string, id: string, got: string): DdaError {
  return new DdaError('DDA_PLUGIN_ROLE', `Plugin ${plugin} made ${got} where ${withArticle(id)} was due.`, {
    plugin,
    next: `Return an object from the function given for ${id}.`,
  })
}

export function disposeFailed(errors: readonly unknown[]): DdaError {
  const lines = errors.map((error) => `  ${messageOf(error)}`)
  return new DdaError('DDA_DISPOSE_FAILED', [`${errors.length} of the plugins' endings failed:`, ...lines].join('\n'), {
    next: 'Everything else was closed; see the cause for each error.',
    cause: new AggregateError(errors, 'Errors while closing'),
  })
}
