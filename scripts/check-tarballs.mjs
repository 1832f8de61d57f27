// Looks at packed packages as a registry and a type checker will: publint, Are the types wrong, and whether every source map
// leads to a source that is packed.   node scripts/check-tarballs.mjs [FOLDER]
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { root } from './ensure-install.mjs'

const folder = process.argv[2] ?? join(root, 'dist/tarballs')
/** The packages are ES modules for Node 20.19 and newer, where `require` takes them too: older ways of resolving are nobody's. */
const NOT_OURS = new Set(['node10', 'node16-cjs'])

const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
const problems = []
for (const name of tarballs) {
  const data = new Uint8Array(readFileSync(join(folder, name)))
  const pkg = createPackageFromTarballData(data)
  for (const problem of [...(await lint(data)), ...(await typesOf(pkg)), ...sourceMaps(pkg)])
    problems.push([name, problem])
}
for (const [name, problem] of problems) process.stdout.write(`${name}: ${problem}\n`)
process.stdout.write(`${tarballs.length} packages checked, ${problems.length} problems.\n`)
if (problems.length > 0 || tarballs.length === 0) process.exitCode = 1

async function lint(data) {
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`)
}

async function typesOf(pkg) {
  const result = await checkPackage(pkg)
  if (result.types === false) return isCommand(pkg) || isData(pkg) ? [] : ['attw: it has no types']
  return result.problems
    .filter((problem) => !NOT_OURS.has(problem.resolutionKind))
    .map((problem) => `attw: ${problem.kind} ${problem.entrypoint ?? problem.fileName ?? ''}`)
}

/** A package of settings, that is read and never imported. */
function isData(pkg) {
  const main = manifestOf(pkg).exports?.['.']
  return typeof main === 'string' && /\.(ya?ml|json)$/.test(main)
}

/** A package that is run and never imported. */
function isCommand(pkg) {
  const manifest = manifestOf(pkg)
  return manifest.bin !== undefined && manifest.exports?.['.'] === undefined
}

function manifestOf(pkg) {
  return JSON.parse(pkg.readFile(`/node_modules/${pkg.packageName}/package.json`))
}

function sourceMaps(pkg) {
  return pkg
    .listFiles()
    .filter((file) => file.endsWith('.map'))
    .flatMap((file) => {
      const { sources, sourceRoot = '' } = JSON.parse(pkg.readFile(file))
      return sources
        .filter((source) => !pkg.fileExists(posix.join(posix.dirname(file), sourceRoot, source)))
        .map((source) => `${file} leads to ${source}, which is not packed`)
    })
}
