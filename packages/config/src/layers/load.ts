import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { isDdaError, keepSecret, type PluginKind } from '@dda-thinker/plugin-api'
import { ConfigInvalidError, type ConfigProblem } from '../errors-config.ts'
import { pluginSchema } from '../errors-plugin.ts'
import { PLUGIN_KEYS } from '../kinds.ts'
import { loadPlugin, type FoundPlugin, type PluginsAtHand } from '../resolve/load-plugin.ts'
import { readLayers } from './extends.ts'
import { interpolate } from './interpolate.ts'
import { Origins } from '../tree/origins.ts'
import { applyEnvironment, applySets } from './overrides.ts'
import { ProjectConfigSchema, type ProjectConfig } from '../schema/project-config.ts'
import { findConfig } from './read.ts'
import { settled } from './settle.ts'
import { formatPath, getNode, setNode, toValue, type KeyPath, type Node } from '../tree/tree.ts'
import { validateTree } from '../schema/validate.ts'

export interface LoadConfigOptions {
  readonly cwd: string
  /** Path of the config, relative to `cwd`. Default: found in `cwd` or the nearest folder above. */
  readonly file?: string | undefined
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** `key=value`, highest of all. Default: none. */
  readonly set?: readonly string[]
  /** Another Editor: the name of a block of `eval.editors`, or else what `editor.use` is to be. Default: the `editor` block. */
  readonly editor?: string | undefined
  /** Plugins that need not be found. Default: none. */
  readonly plugins?: PluginsAtHand
  /** Kinds whose plugins are loaded to check their options. Default: all. An empty list checks the core's keys alone. */
  readonly check?: readonly PluginKind[]
}

export interface LoadedConfig {
  /** Every default filled in, those of plugins included. */
  readonly config: ProjectConfig
  /** The same, with strings that name environment variables as they were written: what may be stored or shown. */
  readonly printable: ProjectConfig
  readonly origins: Origins
  /** The project's config file. */
  readonly file: string
  /** Its folder: `data.dir` and `runs.dir` are relative to it. */
  readonly dir: string
  /** Every file read: presets, then `file`. */
  readonly files: readonly string[]
  /** The plugins that were loaded for their schemas, in config order; their options are in `config`, checked and complete. */
  readonly plugins: readonly CheckedPlugin[]
}

/** A plugin with the block that names it. */
export interface CheckedPlugin extends FoundPlugin {
  /** `['editor']`, `['judge', 0]`, `['eval', 'editors', 'flux']` */
  readonly at: KeyPath
}

/**
 * The configuration of a project: `--set` over `DDA_` variables over the file over its presets over defaults.
 *
 * @throws ConfigInvalidError (`DDA_CONFIG_INVALID`) with all problems at once; `DDA_CONFIG_MISSING`, `DDA_CONFIG_EMPTY`,
 * `DDA_CONFIG_SYNTAX`, `DDA_CONFIG_LOAD`, `DDA_CONFIG_EXTENDS`, `DDA_CONFIG_EXTENDS_CYCLE`, `DDA_CONFIG_PRESET_UNKNOWN`,
 * `DDA_CONFIG_SET`
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { env = process.env, set = [] } = options
  const cwd = resolve(options.cwd)
  const file = options.file === undefined ? await findConfig(cwd) : resolve(cwd, options.file)
  const layers = await readLayers(file, cwd)
  const fromEnv = applyEnvironment(layers.tree, env, ProjectConfigSchema)
  const interpolated = interpolate(withEditor(fromEnv.tree, set, options.editor), env, cwd)
  // Before anything is checked: a refusal is shown as well.
  for (const { name, value, at } of interpolated.used) if (!isPlace(value, at, dirname(file))) keepSecret(name, value)
  const core = validateTree(interpolated.tree, ProjectConfigSchema, 'DDA-Thinker', cwd)
  const blocks = await checkBlocks(core.tree, { cwd, files: layers.files }, options)
  const problems = [...fromEnv.problems, ...interpolated.problems, ...core.problems, ...blocks.problems]
  if (problems.length > 0) throw new ConfigInvalidError(problems, blocks.causes)
  return {
    config: toValue(blocks.tree) as ProjectConfig,
    printable: toValue(blocks.tree, 'written') as ProjectConfig,
    origins: new Origins(blocks.tree, cwd, layers.files),
    file,
    dir: dirname(file),
    files: layers.files,
    plugins: blocks.plugins,
  }
}

/** A folder that the project itself lies or writes in: what is printed names it, for people and scripts. */
function isPlace(value: string, at: KeyPath, dir: string): boolean {
  const setting = formatPath(at)
  if (setting === 'data.dir' || setting === 'runs.dir') return true
  return isAbsolute(value) && !relative(value, dir).startsWith('..') && !isAbsolute(relative(value, dir))
}

/** With `--set` applied, and the block of the Editor wanted in the place of `editor`. */
function withEditor(tree: Node, set: readonly string[], editor: string | undefined): Node {
  const plain = applySets(tree, set)
  if (editor === undefined) return plain
  const named = getNode(plain, ['eval', 'editors', editor])
  if (named === undefined) return applySets(tree, [...set, `editor.use=${editor}`])
  return setNode(plain, ['editor'], named) ?? plain
}

interface CheckedBlocks {
  readonly tree: Node
  readonly plugins: readonly CheckedPlugin[]
  readonly problems: readonly ConfigProblem[]
  /** What plugins that could not be loaded threw. */
  readonly causes: readonly unknown[]
}

/** Every block against the schema of the plugin it names. A plugin that is not there is one more problem. */
async function checkBlocks(
  root: Node,
  { cwd, files }: { readonly cwd: string; readonly files: readonly string[] },
  options: LoadConfigOptions,
): Promise<CheckedBlocks> {
  const origins = new Origins(root, cwd, files)
  const plugins: CheckedPlugin[] = []
  const problems: ConfigProblem[] = []
  const causes: unknown[] = []
  let tree = root
  for (const [path, kind] of blockPaths(root)) {
    if (options.check !== undefined && !options.check.includes(kind)) continue
    const use = getNode(root, [...path, 'use'])
    // Anything else was reported by the core's own schema.
    if (use?.type !== 'scalar' || typeof use.value !== 'string' || use.value === '') continue
    try {
      const dir = origins.dirOf([...path, 'use'])
      const found = await loadPlugin({ use: use.value, kind, dir, atHand: options.plugins })
      plugins.push({ ...found, at: path })
      const checked = checkOptions(getNode(tree, path), found, { cwd, origins }, path)
      problems.push(...checked.problems)
      tree = setNode(tree, path, checked.tree) ?? tree
    } catch (error) {
      if (!isDdaError(error)) throw error
      if (error.cause !== undefined) causes.push(error.cause)
      const usePath = [...path, 'use']
      problems.push({
        location: origins.locate(usePath),
        path: formatPath(usePath),
        message: error.message,
        got: use.value,
        code: error.code,
        ...(error.next === undefined ? {} : { next: error.next }),
      })
    }
  }
  return { tree, plugins, problems, causes }
}

function* blockPaths(root: Node): Generator<readonly [KeyPath, FoundPlugin['kind']]> {
  if (root.type !== 'map') return
  const editors = getNode(root, ['eval', 'editors'])
  if (editors?.type === 'map') for (const name of editors.entries.keys()) yield [['eval', 'editors', name], 'editor']
  for (const [name, node] of root.entries) {
    const key = PLUGIN_KEYS.find((known) => known.key === name)
    if (key === undefined) continue
    if (!key.many) yield [[name], key.kind]
    else if (node.type === 'list') for (const index of node.items.keys()) yield [[name, index], key.kind]
  }
}

/** `use` and `id` are the core's; all else is the plugin's. */
function checkOptions(
  block: Node | undefined,
  found: FoundPlugin,
  { cwd, origins }: { readonly cwd: string; readonly origins: Origins },
  path: KeyPath,
) {
  if (block?.type !== 'map') throw new TypeError('A plugin block is a map.')
  const own = new Map([...block.entries].filter(([key]) => key === 'use' || key === 'id'))
  const rest = new Map([...block.entries].filter(([key]) => !own.has(key)))
  const checked = validatePlugin({ ...block, entries: rest }, found, cwd, path)
  const { tree, problems } = checked
  if (tree.type !== 'map') return { tree: block, problems }
  const options = problems.length > 0 ? tree : settled(tree, found.plugin, origins, path)
  return { tree: { ...block, entries: new Map([...own, ...options.entries]) }, problems }
}

function validatePlugin(tree: Node, { plugin }: FoundPlugin, cwd: string, path: KeyPath) {
  try {
    return validateTree(tree, plugin.options, plugin.name, cwd, path)
  } catch (error) {
    throw pluginSchema(plugin.name, error)
  }
}
