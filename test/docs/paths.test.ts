import { execaSync } from 'execa'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/dda.ts'

/** A path of this repository, as prose names it; `plugins/` alone may be the folder of somebody's project. */
const PATH = /`((?:(?:packages|scripts|bench|test|templates|python|docs|findings)\/|plugins\/[\w-]+\/src\/)[\w./-]+)`/g

const texts = execaSync('git', ['ls-files', '*.md'], { cwd: root })
  .stdout.split('\n')
  // What is in a template is told of the project that is made from it, and the log of changes of what was once.
  .filter((path) => !path.startsWith('templates/') && !path.endsWith('CHANGELOG.md'))

test('files and folders of the repository that the docs name are there', () => {
  const named = texts.flatMap((text) =>
    [...readFileSync(join(root, text), 'utf8').matchAll(PATH)].map(([, path = '']) => ({ text, path })),
  )
  expect(named.length).toBeGreaterThan(20)
  // Made by `npm run pack` and the like.
  const isMade = (path: string): boolean => /(^|\/)dist(\/|$)/.test(path)
  expect(named.filter(({ path }) => !isMade(path) && !existsSync(join(root, path)))).toEqual([])
})
