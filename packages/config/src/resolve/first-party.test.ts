import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { project } from '../../../../test/support/testing.ts'
import { PLUGIN_KINDS } from '../kinds.ts'
import { firstPartyPackage } from './first-party.ts'
import { missingPackage } from './missing-package.ts'
import { pluginNotInstalled } from '../errors-plugin.ts'

// Printed from the plugins themselves, and held to them by the test of the references.
const REFERENCE = readFileSync(new URL('../../../../docs/reference/plugins.md', import.meta.url), 'utf8')
const PLUGINS = new URL('../../../../plugins/', import.meta.url)

test('every plugin of the repository is known under the kinds that it offers, and no other', () => {
  const wrong: string[] = []
  for (const folder of readdirSync(PLUGINS)) {
    const own = PLUGIN_KINDS.find((kind) => folder.startsWith(`${kind}-`))
    const headings = [...REFERENCE.matchAll(/^## (\S+?)(?:, as (\w+))?$/gm)].filter(
      ([, name]) => name === `@dda-thinker/${folder}`,
    )
    const offered = headings.map(([, , kind]) => kind ?? own)
    if (offered.length === 0) wrong.push(`${folder} offers nothing`)
    const short = own === undefined ? folder : folder.slice(own.length + 1)
    for (const kind of PLUGIN_KINDS) {
      for (const use of [short, `@dda-thinker/${folder}`]) {
        const known = firstPartyPackage(kind, use) === `@dda-thinker/${folder}`
        if (known !== offered.includes(kind)) wrong.push(`${kind}: ${use} of ${folder}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('one that is not installed is told with its package and what installs it', () => {
  const root = project({
    'package.json': JSON.stringify({ overrides: { '@dda-thinker/editor-sketch': 'file:../t/sketch.tgz' } }),
  })
  const missing = missingPackage('editor', 'sketch', root)
  if (missing === undefined) throw new Error('it is ours')
  expect(pluginNotInstalled(missing)).toMatchObject({
    code: 'DDA_PLUGIN_NOT_FOUND',
    message: expect.stringContaining('@dda-thinker/editor-sketch'),
    next: expect.stringMatching(new RegExp(`npm install file:../t/sketch.tgz.*${root}.*add-a-plugin.md`)),
  })
  expect(missingPackage('editor', 'scetch', root)).toBeUndefined()
})
