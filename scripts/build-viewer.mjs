// Puts the page of the viewer together: one file of code, one of looks, and the markup that names them. Users never build it.
//   node scripts/build-viewer.mjs [folder]
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { licences } from './bundle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const app = join(root, 'packages/viewer/src/app')

/** @param folder default: the one that the package ships */
export async function buildViewer(folder = join(root, 'packages/viewer/dist/app')) {
  const bundle = await rolldown({
    input: join(app, 'app.ts'),
    platform: 'browser',
    tsconfig: join(app, 'tsconfig.json'),
    transform: { target: 'es2022' },
  })
  const { output } = await bundle.generate({ format: 'iife', minify: true })
  await bundle.close()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'app.js'), `${licences(output[0].moduleIds)}${output[0].code}`)
  const looks = readdirSync(join(app, 'styles'))
    .filter((name) => name.endsWith('.css'))
    .toSorted()
    .map((name) => readFileSync(join(app, 'styles', name), 'utf8'))
  const charts = readFileSync(join(root, 'node_modules/uplot/dist/uPlot.min.css'), 'utf8')
  writeFileSync(join(folder, 'app.css'), [charts, ...looks].join('\n'))
  writeFileSync(join(folder, 'index.html'), readFileSync(join(app, 'index.html')))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildViewer(process.argv[2] === undefined ? undefined : resolve(process.argv[2]))
