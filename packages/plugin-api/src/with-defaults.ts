/** What is told of an options schema: its properties, each with its default and, where it is a group, properties of its own. */
interface OptionsSchema {
  /** By name of the option. */
  readonly properties: Readonly<Record<string, object>>
}

/** Some of the options, and some of those of their groups. */
export type DeepPartial<T> = { readonly [K in keyof T]?: Given<T[K]> }
/** Of each alternative, where an option has several. */
type Given<V> = V extends object ? DeepPartial<V> | V : V

/**
 * A copy of some options with the defaults of their schema filled in, those of groups too, for roles made by a program instead
 * of a config. Nothing is checked, and what is given stays as it is.
 */
export function withDefaults<T extends object>(schema: OptionsSchema, given: DeepPartial<T>): T {
  return filled(schema, given) as T
}

function filled({ properties }: OptionsSchema, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options = { ...given }
  for (const [name, schema] of Object.entries(properties)) {
    if (options[name] === undefined && 'default' in schema) options[name] = structuredClone(schema.default)
    const value = options[name]
    const group = groupOf(schema)
    if (group !== undefined && isRecord(value)) options[name] = filled(group, value)
  }
  return options
}

/** The group that an option is, or may be where it is one or nothing. */
function groupOf(schema: object): OptionsSchema | undefined {
  if (isGroup(schema)) return schema
  const choices: readonly object[] = 'anyOf' in schema && Array.isArray(schema.anyOf) ? schema.anyOf : []
  const groups = choices.filter(isGroup)
  return groups.length === 1 ? groups[0] : undefined
}

function isGroup(schema: object): schema is OptionsSchema {
  return 'properties' in schema && isRecord(schema.properties)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
