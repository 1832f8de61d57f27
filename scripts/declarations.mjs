// Checks types as types.mjs lists them, and takes the declarations of all packages from the same programs: what `tsc -b` writes from
// fifty programs, each of which reads the types of Node and of the packages below it again, in a third of its processor time.
//   node scripts/declarations.mjs PROGRAM...
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { root } from './ensure-install.mjs'
import { compile } from './types.mjs'

/** What is written beside the code of a package: not what only tests use, and not what runs in a browser. */
const DECLARED = /^(packages|plugins)\/[^/]+\/src\/(?!.*\.(test|fixture)\.d\.ts$)(?!app\/).*\.d\.ts$/

const failed = process.argv.slice(2).filter((program) => !checked(program))
process.exitCode = failed.length === 0 ? 0 : 1

/** @param {string} program configuration of the compiler, from the checkout's folder */
function checked(program) {
  const folder = mkdtempSync(join(tmpdir(), 'dda-declarations-'))
  try {
    const emit = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--declarationMap']
    const [command, ...args] = compile(program, ...emit, '--rootDir', root, '--outDir', folder)
    const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = name.replaceAll(sep, '/')
      if (DECLARED.test(file)) place(folder, file)
    }
    return status === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder @param {string} file as `packages/store/src/lines.d.ts` */
function place(folder, file) {
  const parts = file.split('/')
  const to = join(root, ...parts.with(2, 'dist'))
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, readFileSync(join(folder, file)))
  const map = JSON.parse(readFileSync(join(folder, `${file}.map`), 'utf8'))
  const source = [...parts.slice(3).map(() => '..'), ...parts.slice(2)].join('/').replace(/\.d\.ts$/, '.ts')
  writeFileSync(`${to}.map`, JSON.stringify({ ...map, sources: [source] }))
}
