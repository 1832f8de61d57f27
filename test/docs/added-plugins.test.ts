import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/dda.ts'

// A project has the plugins of its template. A page that tells its reader to name another one says how that one is added.

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const brought = Object.keys(JSON.parse(read('templates/project/_package.json')).dependencies)
const others = readdirSync(join(root, 'plugins')).filter((name) => !brought.includes(`@dda-thinker/${name}`))
const names = others.map((name) => name.replace(/^(editor|synthesizer|judge|thinker|trainer|curator|tracker)-/, ''))
const pages = [
  'README.md',
  ...['docs/guide', 'docs/start'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  ),
  'templates/project/README.md',
]

test('pages that name a plugin which the project of the embedded world lacks lead to how it is added', () => {
  expect(names).toContain('sketch')
  const naming = new RegExp(`(?:use[:=] ?|--editor )(?:${names.join('|')})\\b|dda data import`)
  const recommending = pages.filter((page) => naming.test(read(page)))
  expect(recommending.length).toBeGreaterThan(5)
  expect(
    recommending.filter((page) => !read(page).includes('add-a-plugin.md') && !page.endsWith('add-a-plugin.md')),
  ).toEqual([])
})
