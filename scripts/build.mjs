// `npm run build [folders]`: code by bundle.mjs, types and declarations by the compiler.
import { bundleAll } from './bundle.mjs'
import { run } from './ensure-install.mjs'

const folders = process.argv.slice(2)
await bundleAll(folders)
run('npx', ['--no-install', 'tsc', '-b', '--builders', '2', '--checkers', '1', ...folders])
