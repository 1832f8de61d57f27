/** Puts values for `{{key}}`, escaped where the file is JSON or YAML: placeholders stand within double quotes there. */
export function fillIn(content: string, file: string, values: Readonly<Record<string, string>>): string {
  const quoted = /\.(json|ya?ml)$/.test(file)
  return content.replaceAll(/\{\{(\w+)\}\}/g, (all, key: string) => {
    const value = values[key] ?? all
    return quoted ? JSON.stringify(value).slice(1, -1) : value
  })
}
