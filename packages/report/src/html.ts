/** Markup that needs no more escaping; made by {@link html} and {@link trusted} only. A class, because data can have any shape. */
export class Markup {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  get markup(): string {
    return this.#markup
  }
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
  return new Markup(markup)
}

/** Passes our own constant text (style, script) through unescaped. Never call it with text from outside. */
export function trusted(markup: string): Markup {
  return new Markup(markup)
}

function fill(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Markup) return part.markup
  if (Array.isArray(part)) return part.map(fill).join('')
  // Whatever else it is, its type is only what a file claimed.
  return escapeText(typeof part === 'object' ? JSON.stringify(part) : String(part))
}
