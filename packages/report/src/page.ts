import { createHash } from 'node:crypto'
import type { ImageRef } from '@dda-thinker/plugin-api'
import { html, type Markup, trusted } from './html.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'
import { withinBudget } from './within-budget.ts'

/** A picture as markup, or words where it cannot be had. */
export type Picture = (image: ImageRef | undefined, alt: string) => Markup

/** A picture as the page shows it, most often a thumbnail; absent where the store no longer has it. Called once for each picture. */
export type ReadPicture = (image: ImageRef) => Promise<ShownPicture | undefined>

export interface ShownPicture {
  readonly bytes: Uint8Array
  readonly mediaType: ImageRef['mediaType']
}

/** Where the original of a picture lies, as a URL relative to the page; absent: it is not linked. */
export type LinkPicture = (image: ImageRef) => string | undefined

/** The pictures of a page. */
export interface Pictures {
  readonly picture: Picture
  /** What they are drawn from; stands once in the page, before them. */
  readonly drawings: Markup
}

export interface Section {
  readonly id: string
  readonly title: string
  /** Absent: the page goes without it. */
  readonly body: Markup | undefined
}

/** Pictures inside the page, each hash once however often it is shown: an SVG `use` draws it wherever it is wanted, without a script. */
export async function embedPictures(
  images: readonly ImageRef[],
  read: ReadPicture,
  link: LinkPicture = () => undefined,
): Promise<Pictures> {
  const refs = new Map(images.map((image) => [image.hash, image]))
  const found = new Map<string, ShownPicture>()
  for (const [hash, image] of refs) {
    const shown = await read(image)
    if (shown !== undefined) found.set(hash, shown)
  }
  const small = await withinBudget(found)
  const pictures = new Map<string, { readonly id: string; readonly drawing: Markup } | undefined>()
  for (const [hash, image] of refs) {
    const shown = small.get(hash)
    const id = `p${pictures.size}`
    pictures.set(hash, shown === undefined ? undefined : { id, drawing: drawingOf(id, image, shown) })
  }
  const picture: Picture = (image, alt) => {
    const known = image === undefined ? undefined : pictures.get(image.hash)
    if (image === undefined) return html`<div class="missing">no edit</div>`
    if (known === undefined) return html`<div class="missing">picture no longer stored</div>`
    const drawn = html`<svg class="picture" role="img" aria-label="${alt}" viewBox="0 0 ${image.width} ${image.height}">
      <use href="#${known.id}" />
    </svg>`
    const original = link(image)
    return original === undefined
      ? drawn
      : html`<a class="original" href="${original}" title="Original, ${image.width} × ${image.height}">${drawn}</a>`
  }
  const drawings = html`<svg class="drawings" width="0" height="0" aria-hidden="true">
    <defs>${[...pictures.values()].map((known) => known?.drawing)}</defs>
  </svg>`
  return { picture, drawings }
}

function drawingOf(id: string, { width, height }: ImageRef, { bytes, mediaType }: ShownPicture): Markup {
  const source = `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`
  return html`<image
    id="${id}"
    width="${width}"
    height="${height}"
    preserveAspectRatio="none"
    href="${trusted(source)}"
  />`
}

/** The frame of a page: style, script, policy, navigation. What it holds asks the network for nothing. */
export function renderPage(project: string, header: Markup, given: readonly Section[], drawings: Markup): string {
  const sections = given.filter(({ body }) => body !== undefined)
  const links = sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)
  const policy = `default-src 'none'; img-src data:; style-src '${sha256(STYLE)}'; script-src '${sha256(SCRIPT)}'; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="DDA-Thinker" />
        <title>${project} · DDA-Thinker report</title>
        ${element('style', STYLE)}
      </head>
      <body>
        <main>
          ${drawings} ${header}
          <nav aria-label="Sections">${links}</nav>
          ${sections.map(({ body }) => body)}
          <footer>Written by DDA-Thinker. The numbers of the headline are in summary.json beside this page.</footer>
        </main>
        ${element('script', SCRIPT)}
      </body>
    </html> `.markup
}

/** Exactly the text that was hashed: a formatter's white space around it would break the policy. */
function element(name: 'style' | 'script', text: string): Markup {
  return trusted(`<${name}>${text}</${name}>`)
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
