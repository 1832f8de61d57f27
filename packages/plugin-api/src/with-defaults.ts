/** Fills in the defaults of an options schema, for roles made by a program instead of a config. Nothing is checked. */
export function withDefaults<T extends object>(
  schema: { readonly properties: Readonly<Record<string, object>> },
  given: Partial<T>,
): T {
  const defaults = Object.entries(schema.properties).flatMap(([name, one]) =>
    'default' in one ? [[name, structuredClone(one.default)] as const] : [],
  )
  return { ...Object.fromEntries(defaults), ...given } as T
}
