// Runs within `lerna version`, after the packages have their new version and before the lockfile is refreshed: what lerna itself
// leaves alone. Peer ranges of our own packages follow, or npm refuses the tree; the changelog gives its unreleased part a name.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workspaces } from './package-metadata.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = workspaces(root)
const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]))
const [version, ...others] = new Set(versions.values())
if (others.length > 0) throw new Error(`All packages share one version; these are ${[version, ...others].join(', ')}.`)

for (const { dir, manifest } of packages) {
  const peers = Object.entries(manifest.peerDependencies ?? {})
  if (!peers.some(([name]) => versions.has(name))) continue
  manifest.peerDependencies = Object.fromEntries(
    peers.map(([name, range]) => [name, versions.has(name) ? `^${versions.get(name)}` : range]),
  )
  writeJson(join(dir, 'package.json'), manifest)
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
writeJson(join(root, 'package.json'), { ...manifest, version })

const path = join(root, 'CHANGELOG.md')
const changelog = readFileSync(path, 'utf8')
if (!changelog.includes('\n## Unreleased\n')) throw new Error('CHANGELOG.md has no part `## Unreleased`.')
const date = new Date().toISOString().slice(0, 10)
writeFileSync(path, changelog.replace('\n## Unreleased\n', `\n## Unreleased\n\n## ${version} (${date})\n`))

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
