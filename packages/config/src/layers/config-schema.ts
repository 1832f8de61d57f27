import type { FoundPlugin } from '../resolve/load-plugin.ts'
import { PLUGIN_KEYS } from '../kinds.ts'
import { PluginBlock, ProjectConfigSchema } from '../schema/project-config.ts'

type JsonSchema = Readonly<Record<string, unknown>>
type Offer = Pick<FoundPlugin, 'use' | 'kind' | 'plugin'>

/**
 * The JSON Schema (draft 7) of `dda.config.yaml` for editors' completion: the core's keys, and the options of every plugin
 * given, chosen by the block's `use`. Nothing but `use` in lists is required, because presets may say it.
 */
export function configSchema(plugins: readonly Offer[]): JsonSchema {
  const { properties, ...core } = plainCopy(ProjectConfigSchema)
  const keys: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(properties as Readonly<Record<string, JsonSchema>>)) {
    const key = PLUGIN_KEYS.find((known) => known.key === name)
    if (key === undefined) {
      keys[name] = optional(inner)
      continue
    }
    const block = blockSchema(plugins.filter((plugin) => plugin.kind === key.kind))
    keys[name] = key.many ? { ...inner, items: { ...block, required: ['use'] } } : block
  }
  return {
    ...optional(core),
    $schema: 'http://json-schema.org/draft-07/schema#',
    properties: {
      $schema: { type: 'string' },
      extends: {
        description: 'Presets this configuration builds on, the first one lowest.',
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      },
      ...keys,
    },
    patternProperties: { '^x-': {} },
  }
}

function blockSchema(plugins: readonly Offer[]): JsonSchema {
  const { use, id } = plainCopy(PluginBlock)['properties'] as Readonly<Record<string, JsonSchema>>
  const uses = [...new Set(plugins.map((plugin) => plugin.use))]
  const block = { type: 'object', properties: { use: { ...use, examples: uses }, id } }
  if (uses.length === 0) return block
  const variants = plugins.map((plugin) => {
    const options = optional(plainCopy(plugin.plugin.options))
    return {
      ...options,
      properties: { ...(options['properties'] as JsonSchema | undefined), use: { const: plugin.use }, id },
    }
  })
  // A plugin that is not among them, or that a preset names.
  return { ...block, anyOf: [...variants, { properties: { use: { not: { enum: uses } } } }] }
}

/** The same without `required`, at every depth. */
function optional(schema: JsonSchema): JsonSchema {
  const { required: _required, ...rest } = schema
  const properties = rest['properties'] as Readonly<Record<string, JsonSchema>> | undefined
  if (properties === undefined) return rest
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, optional(inner)])),
  }
}

/** TypeBox schemas are plain data; the copy drops the symbols that are not. */
function plainCopy(schema: object): JsonSchema {
  return JSON.parse(JSON.stringify(schema)) as JsonSchema
}
