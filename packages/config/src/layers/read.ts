import { stat } from 'node:fs/promises'
import { basename, extname, parse, resolve } from 'node:path'
import { isDdaError } from '@dda-thinker/plugin-api'
import { cosmiconfig } from 'cosmiconfig'
import {
  configEmpty,
  configExtension,
  configFileMissing,
  configMissing,
  configNotAnObject,
  configUnreadable,
} from '../errors-config.ts'
import { importDefault } from '../resolve/import-module.ts'
import { fromValue, type MapNode, type Node } from '../tree/tree.ts'
import { parseJsonTree, parseYamlTree } from '../tree/yaml-tree.ts'

const YAML = ['.yaml', '.yml']
const MODULES = ['.ts', '.mts', '.js', '.mjs']

/** Extensions of a config or preset, in the order in which a folder is searched. */
export const CONFIG_EXTENSIONS: readonly string[] = [...YAML, '.json', ...MODULES]

/** Names under which a project's config is found, in this order. */
export const CONFIG_NAMES: readonly string[] = CONFIG_EXTENSIONS.map((extension) => `dda.config${extension}`)

/** A file read into a tree. A wrapper, so that cosmiconfig takes nothing in it for a directive of its own. */
interface Reading {
  readonly tree: Node | undefined
}

const modules = async (file: string): Promise<Reading> => {
  const value = await importDefault(file, { fresh: true })
  return { tree: value === undefined ? undefined : fromValue(value, { from: 'file', file }) }
}
const yaml = (file: string, text: string): Reading => ({ tree: parseYamlTree(file, text) })
const json = (file: string, text: string): Reading => ({ tree: parseJsonTree(file, text) })

const READERS = {
  ...Object.fromEntries(YAML.map((extension) => [extension, yaml])),
  ...Object.fromEntries(MODULES.map((extension) => [extension, modules])),
  '.json': json,
}

// A config is only found by a search and read later: a search takes an error inside it for "no config here".
const marker = () => ({ found: true })

/**
 * The path of the config that holds for `cwd`: in it, or in the nearest folder above.
 * @throws DdaError `DDA_CONFIG_MISSING`
 */
export async function findConfig(cwd: string): Promise<string> {
  const from = resolve(cwd)
  const explorer = cosmiconfig('dda', {
    searchPlaces: [...CONFIG_NAMES],
    searchStrategy: 'global',
    stopDir: parse(from).root,
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: Object.fromEntries(CONFIG_EXTENSIONS.map((extension) => [extension, marker])),
  })
  const found = await explorer.search(from)
  // The explorer also looks into the user's own settings, where no project is.
  if (found === null || !CONFIG_NAMES.includes(basename(found.filepath))) throw configMissing(from, CONFIG_NAMES)
  return found.filepath
}

/**
 * Reads one config or preset file.
 * @throws DdaError `DDA_CONFIG_MISSING`, `DDA_CONFIG_EMPTY`, `DDA_CONFIG_SYNTAX` or `DDA_CONFIG_LOAD`
 */
export async function readConfig(file: string): Promise<MapNode> {
  if (!CONFIG_EXTENSIONS.includes(extname(file))) throw configExtension(file, CONFIG_EXTENSIONS)
  const found = await stat(file).catch(() => undefined)
  if (found === undefined || !found.isFile()) throw configFileMissing(file)
  const explorer = cosmiconfig('dda', { searchPlaces: [...CONFIG_NAMES], cache: false, loaders: READERS })
  const result = await explorer.load(file).catch((error: unknown) => {
    throw isDdaError(error) ? error : configUnreadable(file, error)
  })
  const tree = result?.isEmpty === true ? undefined : (result?.config as Reading | undefined)?.tree
  if (tree === undefined) throw configEmpty(file)
  if (tree.type !== 'map') throw configNotAnObject(file, tree.type === 'list' ? 'a list' : describe(tree.value))
  if (tree.entries.size === 0) throw configEmpty(file)
  return tree
}

function describe(value: unknown): string {
  return typeof value === 'function' ? 'a function' : JSON.stringify(value)
}
