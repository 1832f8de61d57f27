import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { TEMPLATE_FOLDER } from '@dda-thinker/templates'
import { errors } from './errors.ts'
import { fillIn } from './fill-in.ts'
import { type Manifest, openPackageSource, type PackageSource } from './package-source.ts'
import { findTemplate, packageName } from './templates.ts'
import { version } from './version.ts'

export interface ScaffoldRequest {
  /** A key of `TEMPLATES`. */
  readonly template: string
  /** Absolute path of a new or empty folder. */
  readonly dir: string
  /** Name of the project or plugin, as a person writes it. Default: that of the folder. */
  readonly name?: string | undefined
  /** See `openPackageSource`. */
  readonly from?: string | undefined
  /** Write into a folder that is not empty; files of the same name are replaced. Default: false. */
  readonly force?: boolean
}

export interface Scaffolded {
  readonly name: string
  /** Paths relative to the folder, sorted. */
  readonly files: readonly string[]
  /** What to type in the folder; `npm install` is left out where the packages are there already, as within a checkout. */
  readonly next: readonly string[]
}

/**
 * Fills a template in. Nothing is written before everything is known to be right.
 *
 * @throws DdaError `DDA_INIT_TEMPLATE`, `DDA_INIT_NOT_EMPTY` or `DDA_INIT_FROM`
 */
export async function scaffold(request: ScaffoldRequest): Promise<Scaffolded> {
  const template = findTemplate(request.template)
  await requireEmpty(request)
  const name = request.name ?? basename(request.dir)
  const own = version()
  const source = await openPackageSource(request.from, own, request.dir)
  const values = { name, package: packageName(name), version: own }
  const files = new Map<string, string>()
  for (const layer of template.layers) {
    for (const file of await filesIn(join(TEMPLATE_FOLDER, layer))) {
      const target = targetOf(relative(join(TEMPLATE_FOLDER, layer), file))
      const content = fillIn(await readFile(file, 'utf8'), target, values)
      files.set(target, target === 'package.json' ? merged(files.get(target), content) : content)
    }
  }
  for (const [file, content] of files) files.set(file, finish(file, content, source))
  for (const [file, content] of files) {
    await mkdir(dirname(join(request.dir, file)), { recursive: true })
    await writeFile(join(request.dir, file), content)
  }
  return {
    name,
    files: [...files.keys()].toSorted(),
    next: [...(isInstalled(request.dir) ? [] : ['npm install']), ...template.next],
  }
}

function isInstalled(dir: string): boolean {
  try {
    createRequire(join(dir, 'package.json')).resolve('@dda-thinker/cli/package.json')
    return true
  } catch {
    return false
  }
}

/** @throws DdaError `DDA_INIT_NOT_EMPTY` where the folder is there and holds anything, unless forced */
export async function requireEmpty({ dir, force = false }: Pick<ScaffoldRequest, 'dir' | 'force'>): Promise<void> {
  const there = existsSync(dir) ? (await readdir(dir)).filter((name) => name !== '.git') : []
  if (there.length === 0 || force) return
  throw errors.make('DDA_INIT_NOT_EMPTY/project', { dir, there: there.slice(0, 3).join(', ') })
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/**
 * npm leaves some names out of a package (`.npmrc`, `.gitignore`) and tools act on others (`package.json`), so in a template they
 * begin with an underscore, which stands for the dot but in `_package.json`.
 */
function targetOf(file: string): string {
  return file
    .split(/[/\\]/)
    .map((part) => part.replace(/^_(?!package\.json$)/, '.').replace(/^_/, ''))
    .join('/')
}

/** A layer's manifest over that of the layers below: maps of the same name are put together. */
function merged(below: string | undefined, above: string): string {
  const [lower, upper] = [below ?? '{}', above].map((text) => JSON.parse(text) as Record<string, unknown>)
  const entries = Object.entries(upper ?? {}).map(([key, value]) => {
    const other = lower?.[key]
    return [key, isMap(value) && isMap(other) ? { ...other, ...value } : value] as const
  })
  return JSON.stringify({ ...lower, ...Object.fromEntries(entries) })
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function finish(file: string, content: string, source: PackageSource): string {
  if (file === 'package.json') {
    return `${JSON.stringify(source.manifest(JSON.parse(content) as Manifest), undefined, 2)}\n`
  }
  return file === '.npmrc' ? [content.trimEnd(), ...source.npmrc, ''].join('\n') : content
}
