import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { TEMPLATE_FOLDER } from '@dda-thinker/templates'
import { errors } from './errors.ts'
import { fillIn } from './fill-in.ts'
import { packageName } from './templates.ts'

/** Kinds of plugins that there are templates of, and how a configuration names one. */
export const PLUGIN_KINDS = {
  reward: (path: string) => `reward: { use: ${path} }`,
  editor: (path: string) => `editor: { use: ${path} }`,
  judge: (path: string) => `judge: [{ use: ${path} }] # before those that are there`,
  synthesizer: (path: string) => `synthesizer: [{ use: ${path} }]`,
  hook: (path: string) => `plugins: [{ use: ${path} }]`,
} as const satisfies Readonly<Record<string, (path: string) => string>>

export type PluginKind = keyof typeof PLUGIN_KINDS

export interface AddedPlugin {
  readonly name: string
  /** Relative to the project. */
  readonly files: readonly string[]
  /** What to put into `dda.config.yaml`. */
  readonly config: string
  /** Packages that its files import, but for the contract, which comes with the command line. */
  readonly needs: readonly string[]
  /** What to type for its tests, once what it needs is there. */
  readonly test: string
}

/**
 * Writes a plugin into a project, to be used by its path: `plugins/<name>/index.ts` and its test, no package of its own.
 *
 * @param project absolute path of the folder of the configuration
 * @throws DdaError `DDA_INIT_TEMPLATE` for another kind, `DDA_INIT_NOT_EMPTY` where the folder is there
 */
export async function addPlugin(project: string, kind: string, given: string): Promise<AddedPlugin> {
  if (!Object.hasOwn(PLUGIN_KINDS, kind)) {
    throw errors.make('DDA_INIT_TEMPLATE/kind', { kind, pluginKinds: Object.keys(PLUGIN_KINDS).join(', ') })
  }
  const name = packageName(basename(given))
  const folder = `plugins/${name}`
  if (existsSync(join(project, folder))) {
    throw errors.make('DDA_INIT_NOT_EMPTY/plugin', { path: join(project, folder) })
  }
  const source = join(TEMPLATE_FOLDER, `plugin-${kind}`, 'src')
  await mkdir(join(project, folder), { recursive: true })
  const files = (await readdir(source)).toSorted()
  const needs = new Set<string>()
  for (const file of files) {
    const content = fillIn(await readFile(join(source, file), 'utf8'), file, { name, package: name })
    for (const name of importsOf(content)) needs.add(name)
    await writeFile(join(project, folder, file), content)
  }
  return {
    name,
    files: files.map((file) => `${folder}/${file}`),
    config: PLUGIN_KINDS[kind as PluginKind](`./${folder}`),
    needs: [...needs].toSorted(),
    test: `npx vitest run ${folder}`,
  }
}

/** Packages that the files import, but for the contract, which comes with the command line. */
function importsOf(content: string): readonly string[] {
  const imports = [...content.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name ?? '')
  return imports.filter((name) => name !== '@dda-thinker/plugin-api')
}
