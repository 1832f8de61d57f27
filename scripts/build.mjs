// `npm run build [folders]`: code by bundle.mjs, the page of the viewer by build-viewer.mjs, types and declarations by the compiler.
import { join } from 'node:path'
import { buildViewer } from './build-viewer.mjs'
import { BUILD, bundleAll } from './bundle.mjs'
import { run } from './ensure-install.mjs'

const folders = process.argv.slice(2)
await bundleAll(folders)
await buildViewer()
const projects = folders.length > 0 ? folders.map((folder) => join(folder, BUILD)) : [BUILD]
run('npx', ['--no-install', 'tsc', '-b', '--builders', '2', '--checkers', '1', ...projects])
