import { execa } from 'execa'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { SIDEBAR } from '../../docs/.vitepress/sidebar.mjs'
import { root, temporaryFolder } from '../support/dda.ts'

vi.setConfig({ testTimeout: 900_000 })

const place = temporaryFolder()
afterAll(() => rmSync(place, { recursive: true, force: true }))

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .map((path) => path.replaceAll('\\', '/').replace(/\.md$/, ''))

test('every page has its place in the navigation, once, by its title', () => {
  const shown = SIDEBAR.flatMap(({ items }) => items)
  const links = ['/index', ...shown.map(({ link }) => link.replace(/\/$/, '/README'))]
  expect(links.toSorted()).toEqual(pages.map((page) => `/${page}`).toSorted())
  expect(shown.filter(({ text }) => text === '' || text.includes('/'))).toEqual([])
})

// A link that leads nowhere fails the build.
test('the site builds, and has every page', async () => {
  const built = await execa('npx', ['--no-install', 'vitepress', 'build', 'docs', '--outDir', place], {
    cwd: root,
    reject: false,
    all: true,
  })
  expect(built.exitCode, built.all).toBe(0)
  const missing = pages
    .map((page) => `${page.replace(/(^|\/)README$/, '$1index')}.html`)
    .filter((page) => !readFileSync(join(place, page), 'utf8').includes('<h1'))
  expect(missing).toEqual([])
})
