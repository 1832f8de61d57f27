// `npm run pack`: builds every package and packs it into dist/tarballs, as it would be published.
//   npm run pack -- --out DIR      another folder; tarballs that are there are replaced
//   npm run pack -- --no-build     the build is there
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuild, root, run } from './ensure-install.mjs'
import { workspaces } from './package-metadata.mjs'

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'dist/tarballs') }, build: { type: 'boolean', default: true } },
  allowNegative: true,
})
const out = resolve(values.out)

if (values.build) ensureBuild()
for (const { dir } of workspaces().filter((one) => existsSync(join(one.dir, 'src'))))
  removeOrphans(join(dir, 'dist'), join(dir, 'src'))
mkdirSync(out, { recursive: true })
for (const name of readdirSync(out)) if (name.endsWith('.tgz')) rmSync(join(out, name))
run('npm', ['pack', '--workspaces', '--ignore-scripts', '--silent', '--pack-destination', out], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
process.stdout.write(`${readdirSync(out).length} packages in ${out}\n`)

/** Removes declarations of sources that are no longer there, which a build leaves and a package would carry. */
function removeOrphans(dist, src) {
  if (!existsSync(dist)) throw new Error(`${dist} is missing: build first.`)
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.d\.ts(\.map)?$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const source = join(src, path.slice(dist.length).replace(/\.d\.ts(\.map)?$/, '.ts'))
    if (!existsSync(source)) rmSync(path)
  }
}
