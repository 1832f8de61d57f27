import { resolve } from 'node:path'
import { isDdaError, type PluginKind } from '@dda-thinker/plugin-api'
import type { Assembly } from './assembly.ts'
import { attribute } from './attribution.ts'
import {
  pluginSchema,
  type Block,
  blocksOf,
  ConfigInvalidError,
  type ConfigProblem,
  formatPath,
  type FoundPlugin,
  fromValue,
  loadPlugin,
  parsePath,
  type PluginsAtHand,
  type ProjectConfig,
  toValue,
  validateTree,
  type LoadedConfig,
} from '@dda-thinker/config'
import { located, RunAssembly, type Member, type RunOptions } from './run-assembly.ts'
import { errors } from '../errors.ts'

export interface AssembleOptions extends RunOptions {
  /** Load these kinds only, and plugins that only tap hooks. Default: all that the config names. */
  readonly only?: readonly PluginKind[]
  /** Plugins that need not be found. Default: none. */
  readonly plugins?: PluginsAtHand
}

/** What is assembled from a loaded configuration: its plugins are at hand and checked. */
export type AssembleLoadedOptions = Omit<AssembleOptions, 'cwd' | 'origins' | 'plugins'>

/**
 * Sets up and orders the plugins that a config names, in config order. What `loadConfig` has found and checked is taken as
 * it is; plugins of a bare config, and those that `loadConfig` was told to leave out, are loaded and checked here.
 *
 * @throws DdaError those of `loadPlugin`, `DDA_CONFIG_INVALID` for options, `DDA_PLUGIN_DUPLICATE`, `DDA_PLUGIN_KIND`,
 * `DDA_PLUGIN_SETUP`, `DDA_SLOT_TAKEN`, `DDA_HOOK_ORDER_UNKNOWN`, `DDA_HOOK_ORDER_LOOP`
 */
export async function assemble(loaded: LoadedConfig, options?: AssembleLoadedOptions): Promise<Assembly>
export async function assemble(config: ProjectConfig, options: AssembleOptions): Promise<Assembly>
export async function assemble(
  from: LoadedConfig | ProjectConfig,
  given: AssembleLoadedOptions & Partial<AssembleOptions> = {},
): Promise<Assembly> {
  const loaded = 'config' in from ? from : undefined
  const config = 'config' in from ? from.config : from
  const options: AssembleOptions = {
    cwd: loaded?.dir ?? '.',
    ...(loaded === undefined ? {} : { origins: loaded.origins }),
    ...given,
  }
  const checked = new Map(loaded?.plugins.map((plugin) => [formatPath(plugin.at), plugin]))
  const blocks = blocksOf(config, options.only)
  const named = new Map<string, string>()
  const members: Member[] = []
  for (const block of blocks) {
    const known = checked.get(formatPath(block.path))
    const found = known ?? (await load(block, options))
    const name = block.id ?? found.plugin.name
    const place = `${formatPath(block.path)} (${found.path})`
    const other = named.get(name)
    if (other !== undefined) {
      throw errors.make('DDA_PLUGIN_DUPLICATE', { name, first: other, second: place }, { plugin: name })
    }
    named.set(name, place)
    members.push({
      block,
      found,
      name,
      options: known === undefined ? checkOptions(block, found, options) : block.options,
    })
  }
  const run = new RunAssembly(config, members, options)
  run.setUp(blocks.length < blocksOf(config).length)
  return run
}

async function load(block: Block, options: AssembleOptions): Promise<FoundPlugin> {
  const where = [...block.path, 'use']
  const dir = options.origins?.dirOf(where) ?? resolve(options.cwd)
  return loadPlugin({ use: block.use, kind: block.key.kind, dir, atHand: options.plugins }).catch((error: unknown) => {
    throw attribute(error, located(options, where))
  })
}

function checkOptions(
  block: Block,
  found: FoundPlugin,
  { cwd, origins }: AssembleOptions,
): Readonly<Record<string, unknown>> {
  const tree = fromValue(block.options, { from: 'default', by: 'the configuration' })
  try {
    const checked = validateTree(tree, found.plugin.options, found.plugin.name, cwd, block.path)
    if (checked.problems.length > 0) {
      const place = (problem: ConfigProblem) =>
        origins?.locate(parsePath(problem.path) ?? block.path) ?? problem.location
      throw new ConfigInvalidError(checked.problems.map((problem) => ({ ...problem, location: place(problem) })))
    }
    return toValue(checked.tree) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw isDdaError(error) ? error : pluginSchema(found.plugin.name, error)
  }
}
