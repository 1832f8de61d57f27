// `npm run build [folders]`: compiles, then puts TypeBox into the one file of plugin-api that passes it on. It is 373 files, which
// every process and every worker thread would load one by one: a third of a second of a command that takes one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'
import { root, run } from './ensure-install.mjs'

run('npx', ['--no-install', 'tsc', '-b', '--builders', '2', '--checkers', '1', ...process.argv.slice(2)])

const MARK = '// TypeBox, bundled.'
const file = join(root, 'packages/plugin-api/dist/type.js')
// What the compiler has just written, or has not touched since the last time.
if (existsSync(file) && !readFileSync(file, 'utf8').startsWith(MARK)) writeFileSync(file, await bundled())

async function bundled() {
  const bundle = await rolldown({ input: join(root, 'packages/plugin-api/src/type.ts') })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  const folder = dirname(dirname(createRequire(join(root, 'packages/plugin-api/')).resolve('typebox')))
  const license = readFileSync(join(folder, 'license'), 'utf8').trimEnd()
  return `${MARK}\n/*\n${license}\n*/\n${output[0].code}`
}
