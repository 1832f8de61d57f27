// `npm run build [folders]`: types and declarations by the compiler, code by bundle.mjs.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundlePackage } from './bundle.mjs'
import { root, run } from './ensure-install.mjs'

const folders = process.argv.slice(2)
for (const dir of withReferences(folders.length > 0 ? folders.map((folder) => resolve(root, folder)) : [resolve(root)]))
  if (existsSync(join(dir, 'src'))) await bundlePackage(dir)
run('npx', ['--no-install', 'tsc', '-b', '--builders', '2', '--checkers', '1', ...folders])

/** The projects, and all that they are built on. */
function withReferences(projects) {
  const found = new Set()
  const visit = (dir) => {
    if (found.has(dir)) return
    found.add(dir)
    const { references = [] } = JSON.parse(readFileSync(join(dir, 'tsconfig.json'), 'utf8'))
    for (const { path } of references) visit(resolve(dir, path))
  }
  projects.forEach(visit)
  return found
}
