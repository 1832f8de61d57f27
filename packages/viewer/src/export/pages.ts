import { createHash } from 'node:crypto'
import type { AppFiles } from '../server/app-files.ts'

const NOTHING_ELSE = "default-src 'none'; base-uri 'none'; form-action 'none'"

/** The page of an exported folder: the same, with its policy in it, for servers that send none. */
export function folderPage({ html }: AppFiles): string {
  const policy = `${NOTHING_ELSE}; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'`
  return marked(html, 'folder', policy)
}

/**
 * Everything in one page. Code and looks are let in by their hashes, so nothing that the data hold can be executed; the data are in blocks that
 * browsers do not read, in base64, which ends no block early.
 */
export function singlePage({ html, code, style }: AppFiles, files: ReadonlyMap<string, Uint8Array>): string {
  const script = code.replaceAll('</script', '<\\/script')
  const policy = `${NOTHING_ELSE}; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; img-src data: blob:`
  const data = [...files].map(
    ([path, bytes]) =>
      `<script type="application/octet-stream" data-path="${escaped(path)}">${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}</script>`,
  )
  const page = marked(html, 'file', policy)
    .replace(/ *<link rel="stylesheet"[^>]*>\n/, () => `<style>${style}</style>\n`)
    .replace(/ *<script [^>]*src=[^>]*><\/script>\n/, () => `${data.join('\n')}\n<script>${script}</script>\n`)
  return page
}

function marked(html: string, source: string, policy: string): string {
  return html
    .replace('<html lang="en">', `<html lang="en" data-source="${source}">`)
    .replace(
      '<meta charset="utf-8" />',
      () => `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    )
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
