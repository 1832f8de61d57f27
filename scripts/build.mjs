// `npm run build [folders]`: compiles, then puts a library of many files into the one file that passes it on. Every process, and
// of TypeBox every worker thread, would load them one by one: TypeBox alone was a third of a second of a command that takes one.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root, run } from './ensure-install.mjs'

run('npx', ['--no-install', 'tsc', '-b', '--builders', '2', '--checkers', '1', ...process.argv.slice(2)])

/** What passes a library on, without its ending, and the library's name. */
const BUNDLED = [
  ['packages/plugin-api', 'type', 'TypeBox'],
  ['packages/config', 'schema/ajv', 'Ajv'],
  ['packages/config', 'tree/yaml', 'yaml'],
]
for (const [folder, name, library] of BUNDLED) {
  const mark = `// ${library}, bundled.`
  const file = join(root, folder, 'dist', `${name}.js`)
  // What the compiler has just written, or has not touched since the last time.
  if (existsSync(file) && !readFileSync(file, 'utf8').startsWith(mark))
    writeFileSync(file, `${mark}\n${await bundled(join(root, folder, 'src', `${name}.ts`))}`)
}

/** The code, behind the licence of every package that it is of. */
async function bundled(input) {
  const bundle = await rolldown({ input, platform: 'node' })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  const packages = new Set(Object.keys(output[0].modules).flatMap(packageOf))
  return `${[...packages].map((folder) => `/*\n${licenceOf(folder)}\n*/\n`).join('')}${output[0].code}`
}

/** The folder of the package that a module is of, where it is none of ours. */
function packageOf(module) {
  const path = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module)
  return path === null ? [] : [path[1]]
}

function licenceOf(folder) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
  if (file === undefined) throw new Error(`${folder} has no licence that a bundle of it could carry`)
  return readFileSync(join(folder, file), 'utf8').trimEnd()
}
