// Where the links of a page lead on the site: its files stay what they are in the repository, where links name files.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('..', import.meta.url))
const root = resolve(docs, '..')

/** Address of the repository, as packages state it. */
export const REPOSITORY = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'))
  .repository.url.replace(/^git\+/, '')
  .replace(/\.git$/, '')

/** A rule of markdown-it: what lies outside of docs/ is shown by the repository, and a folder's README is its index. */
export function siteLinks({ tokens, env }) {
  for (const { children } of tokens) {
    for (const token of children ?? []) {
      const href = token.attrGet('href')
      if (token.type === 'link_open' && href !== null) token.attrSet('href', onSite(href, env.realPath ?? env.path))
    }
  }
}

function onSite(href, page) {
  const [, path = '', hash = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? []
  if (path === '' || /^(?:[a-z]+:|\/)/i.test(path)) return href
  const target = resolve(dirname(page), decodeURI(path))
  if (target.startsWith(docs)) return href.replace(/(?<=^|\/)README\.md(?=#|$)/, 'index.md')
  if (!existsSync(target)) throw new Error(`${relative(root, page)}: the link ${href} leads nowhere`)
  const view = statSync(target).isDirectory() ? 'tree' : 'blob'
  return `${REPOSITORY}/${view}/main/${relative(root, target).split(sep).join('/')}${hash}`
}

/** The anchor of a heading as GitHub makes it, so that one link serves both. */
export function anchorOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\s-]/gu, '')
    .replaceAll(/\s/g, '-')
}
