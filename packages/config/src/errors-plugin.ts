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
    `There is no ${kind === 'plugin' ? 'plugin' : `${kind} plugin`} \`${use}\`.${other}${didYouMean(suggestion)}\n${triedList(tried)}`,
    {
      next: 'Install the package, or correct `use`: a path that starts with ./ or ../, a package name, or a short name.',
    },
  )
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

export function pluginSchema(name: string, cause: unknown): DdaError {
  return new DdaError('DDA_PLUGIN_SCHEMA', `The options of plugin ${name} have no usable schema: ${messageOf(cause)}`, {
    plugin: name,
    next: 'Describe the options with Type.Object({...}, { additionalProperties: false }).',
    cause,
  })
}
