import { API_VERSION, DdaError, type PluginKind } from '@dda-thinker/plugin-api'
import { messageOf, triedList } from './errors-config.ts'
import { withArticle } from './kinds.ts'

const didYouMean = (suggestion: string | undefined) =>
  suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`

export function pluginNotFound(options: {
  readonly use: string
  readonly kind: PluginKind
  readonly tried: readonly string[]
  readonly suggestion: string | undefined
  readonly otherKind: PluginKind | undefined
}): DdaError {
  const { use, kind, tried, suggestion, otherKind } = options
  const other =
    otherKind === undefined ? '' : ` There is a plugin of that name, but that is ${wrongKind(otherKind, kind)}.`
  return new DdaError(
    'DDA_PLUGIN_NOT_FOUND',
    `There is no ${kind} plugin \`${use}\`.${other}${didYouMean(suggestion)}\n${triedList(tried)}`,
    {
      next: 'Install the package, or correct `use`: a path that starts with ./ or ../, a package name, or a short name.',
    },
  )
}

export function pluginOfOtherKind(use: string, kind: PluginKind, kinds: readonly string[], path: string): DdaError {
  return new DdaError(
    'DDA_PLUGIN_KIND',
    `\`${use}\` offers no ${kind}: that is ${wrongKind(listOf(kinds), kind)} (${path}).`,
    {
      next: `Name it under ${kinds.map((name) => `\`${name}\``).join(' or ')}, or name another plugin under \`${kind}\`.`,
    },
  )
}

function listOf(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' and ')
}

function wrongKind(actual: string, wanted: PluginKind): string {
  return `${withArticle(actual)}, not ${withArticle(wanted)}`
}

export function pluginInvalid(use: string, path: string): DdaError {
  return new DdaError('DDA_PLUGIN_INVALID', `The default export of ${path} (\`use: ${use}\`) is not a plugin.`, {
    next: 'Export the result of definePlugin() or definePluginSet() as the default export.',
  })
}

export function pluginBroken(use: string, path: string, cause: unknown): DdaError {
  return new DdaError(
    'DDA_PLUGIN_LOAD',
    `\`${use}\` was found at ${path} but could not be loaded: ${messageOf(cause)}`,
    {
      next: 'Run `npm install` in its project, and see the cause for what it misses.',
      cause,
    },
  )
}

export function pluginApiVersion(name: string, version: unknown, path: string): DdaError {
  const newer = typeof version === 'number' && version > API_VERSION
  return new DdaError(
    'DDA_PLUGIN_API_VERSION',
    `Plugin ${name} (${path}) was built for plugin API ${String(version)}; this is ${API_VERSION}.`,
    {
      plugin: name,
      next: newer
        ? 'Update DDA-Thinker, or install an older version of the plugin.'
        : 'Install a newer version of the plugin.',
    },
  )
}

export function pluginDuplicate(name: string, places: readonly [string, string]): DdaError {
  return new DdaError('DDA_PLUGIN_DUPLICATE', `Two plugins are called ${name}: ${places[0]} and ${places[1]}.`, {
    plugin: name,
    next: 'Give one of the blocks an `id` of its own.',
  })
}

export function pluginSchema(name: string, cause: unknown): DdaError {
  return new DdaError('DDA_PLUGIN_SCHEMA', `The options of plugin ${name} have no usable schema: ${messageOf(cause)}`, {
    plugin: name,
    next: 'Describe the options with Type.Object({...}, { additionalProperties: false }).',
    cause,
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
