// Order of the pages. A page of docs/ that is in no group fails test/docs/site.test.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('..', import.meta.url))

/** By path of the page without its ending; titles are those of the pages. */
const GROUPS = [
  ['Start', ['guide/getting-started', 'start/lab', 'start/contributor', 'start/researcher', 'concepts', 'glossary']],
  [
    'Guides',
    [
      'guide/configuration',
      'guide/cli',
      'guide/add-a-plugin',
      'guide/own-data',
      'guide/own-servers',
      'guide/swap-editor',
      'guide/judges',
      'guide/ppo-settings',
      'guide/vision-language-policy',
      'guide/report',
      'guide/view',
      'guide/query',
      'guide/benchmarks',
      'guide/paper',
      'guide/cluster',
      'guide/serve',
    ],
  ],
  [
    'Write a plugin',
    ['plugins', 'write/reward', 'write/editor', 'write/judge', 'write/synthesizer', 'write/trainer', 'testkit'],
  ],
  ['Plugins', pagesOf('plugins')],
  ['Reference', pagesOf('reference')],
  ['About', ['architecture', 'benchmarks', 'scaling', 'compatibility', ...pagesOf('adr')]],
]

export const SIDEBAR = GROUPS.map(([text, pages], index) => ({
  text,
  collapsed: index > 2,
  items: pages.map((page) => ({ text: titleOf(page), link: `/${page.replace(/README$/, '')}` })),
}))

function pagesOf(folder) {
  return readdirSync(join(docs, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name.slice(0, -3)}`)
    .toSorted((a, b) => Number(b.endsWith('README')) - Number(a.endsWith('README')))
}

function titleOf(page) {
  return /^# (.+)$/m.exec(readFileSync(join(docs, `${page}.md`), 'utf8'))?.[1]?.replaceAll('`', '') ?? page
}
