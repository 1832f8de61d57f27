import { html, type Markup } from './html.ts'

/** What may be wider than a phone: it moves on its own, by keys too. @param label for those who do not see it */
export function scrolled(label: string, body: Markup): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${body}</div>`
}
