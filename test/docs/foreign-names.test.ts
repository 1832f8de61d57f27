import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/dda.ts'

// Nothing is published yet, and registries may have packages of somebody else under names of ours. So no reader is told to type
// what would ask a registry for one: `npx dda` where there is no `dda`, `npm create dda-thinker`, `pip install dda-reward`.

const files = (folder: string, ends: RegExp): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => ends.test(path) && !/(^|\/)(node_modules|dist|cache|\.venv)\//.test(path))
    .map((path) => join(folder, path))

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...['docs', 'packages', 'plugins', 'templates', 'python', 'bench'].flatMap((folder) => files(folder, /\.md$/)),
]
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Where a page says how there comes to be a `dda`: it makes the folder, or leads to the page that does. */
const HERE = /dda\.js init|npm run demo|npm install|getting-started\.md#the-same-by-hand|start\/lab\.md/

test('pages say how there comes to be a `dda` before they say `npx dda`', () => {
  const showing = pages.filter((page) => read(page).includes('npx dda'))
  expect(showing.length).toBeGreaterThan(10)
  expect(showing.filter((page) => !HERE.test(read(page).split('npx dda')[0] ?? ''))).toEqual([])
})

test('no page names the version of a tarball: the next release has another one', () => {
  expect(pages.filter((page) => /\btarballs\/.*-\d+\.\d+\.\d+/.test(read(page)))).toEqual([])
})

/** What stands between blank lines. */
function paragraphs(text: string): readonly string[] {
  return text.split(/\n\s*\n/)
}

test.each([
  ['npm create dda-thinker', /^\s*(?:\$ )?npm (?:create|init) dda-thinker/m],
  ['pip install dda-reward', /pip3? install (?:[^\n]* )?dda-reward/],
])('what asks a registry for a name of ours says that it is to be published first: %s', (_what, asking) => {
  const wrong = pages.flatMap((page) => {
    const all = paragraphs(read(page))
    return all
      .filter((text, index) => asking.test(text) && !/publish/.test([all[index - 1], text, all[index + 1]].join('\n')))
      .map((text) => `${page}: ${text.slice(0, 80)}`)
  })
  expect(wrong).toEqual([])
})

test('no message and no help says `npx dda`: who reads it may have another way to it', () => {
  const sources = ['packages', 'plugins'].flatMap((folder) => files(folder, /\/src\/.*(?<!\.test)\.tsx?$/))
  expect(sources.length).toBeGreaterThan(300)
  expect(sources.filter((path) => /np[xm] (?:exec )?dda\b|pip install dda-/.test(read(path)))).toEqual([])
})
