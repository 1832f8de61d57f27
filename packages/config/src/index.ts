// Configuration: layers, interpolation, validation, and how plugins are found and loaded.
export { ConfigInvalidError, type ConfigProblem, messageOf, stackOf } from './errors-config.ts'
export { pluginOfOtherKind, pluginSchema } from './errors-plugin.ts'
export { PLUGIN_KEYS, PLUGIN_KINDS, type PluginKey, withArticle } from './kinds.ts'
export { completeConfig } from './layers/complete.ts'
export { configSchema } from './layers/config-schema.ts'
export { type LoadConfigOptions, type LoadedConfig, loadConfig, type CheckedPlugin } from './layers/load.ts'
export { CONFIG_NAMES, findConfig } from './layers/read.ts'
export { didYouMean, isSlip, nearest } from './nearest.ts'
export { moduleBeingLoaded } from './resolve/import-module.ts'
export { installCommand, type InstallCommand } from './resolve/install-command.ts'
export { type FoundPlugin, type PluginRequest, type PluginsAtHand, loadPlugin } from './resolve/load-plugin.ts'
export { type Block, blocksOf } from './schema/blocks.ts'
export { type PluginBlockInput, type ProjectConfigInput, defineConfig } from './schema/define-config.ts'
export {
  PluginBlock,
  type PluginBlockConfig,
  type ProjectConfig,
  ProjectConfigSchema,
} from './schema/project-config.ts'
export { fits, validateTree, validatorOf } from './schema/validate.ts'
export { type ConfigEntry, Origins, formatOrigin } from './tree/origins.ts'
export { type KeyPath, type Origin, formatPath, fromValue, parsePath, toValue } from './tree/tree.ts'
