import { createHash } from 'node:crypto'
import type { ImageRef } from '@dda-thinker/plugin-api'
import { html, type Markup, trusted } from './html.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

/** A picture as markup, or words where it cannot be had. */
export type Picture = (image: ImageRef | undefined, alt: string) => Markup

/** Encoded bytes of a picture; absent where the store no longer has it. Called once for each picture shown. */
export type ReadPicture = (image: ImageRef) => Promise<Uint8Array | undefined>

export interface Section {
  readonly id: string
  readonly title: string
  /** Absent: the page goes without it. */
  readonly body: Markup | undefined
}

/** Pictures as data URLs, each read once. */
export async function embedPictures(images: readonly ImageRef[], read: ReadPicture): Promise<Picture> {
  const pictures = new Map<string, string>()
  for (const image of images) {
    if (pictures.has(image.hash)) continue
    const bytes = await read(image)
    if (bytes === undefined) continue
    pictures.set(image.hash, `data:${image.mediaType};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  return (image, alt) => {
    const source = image === undefined ? undefined : pictures.get(image.hash)
    if (image === undefined) return html`<div class="missing">no edit</div>`
    if (source === undefined) return html`<div class="missing">picture no longer stored</div>`
    return html`<img src="${source}" width="${image.width}" height="${image.height}" alt="${alt}" loading="lazy" />`
  }
}

/** The frame of a page: style, script, policy, navigation. What it holds asks the network for nothing. */
export function renderPage(project: string, header: Markup, given: readonly Section[]): string {
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
          ${header}
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
