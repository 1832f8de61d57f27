/** Markup that needs no more escaping; made by {@link html} and {@link trusted} only. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | undefined | false | readonly Part[]

/** Escapes text for element content and quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * Template tag for HTML and SVG. Whatever is filled in is escaped unless it is {@link Markup} already, so text that models,
 * judges or data sets wrote can never become markup. Arrays are joined; `undefined` and `false` leave nothing.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = strings[0] ?? ''
  parts.forEach((part, i) => {
    markup += fill(part) + (strings[i + 1] ?? '')
  })
  return { markup }
}

/** Passes our own constant text (style, script) through unescaped. Never call it with text from outside. */
export function trusted(markup: string): Markup {
  return { markup }
}

function fill(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string') return escapeText(part)
  if (typeof part === 'number') return String(part)
  if (isMarkup(part)) return part.markup
  return part.map(fill).join('')
}

function isMarkup(part: Markup | readonly Part[]): part is Markup {
  return 'markup' in part
}
