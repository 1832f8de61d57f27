import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly integrity?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

test('every package has its hash, and those with scripts of installation are named as not to be run', () => {
  const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
  const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> }
  const installed = Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && link !== true,
  )
  expect(installed.length).toBeGreaterThan(500)
  expect(installed.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([])
  const scripted = installed.flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)] : [],
  )
  expect(read('package.json').allowScripts).toMatchObject(Object.fromEntries(scripted.map((name) => [name, false])))
})
