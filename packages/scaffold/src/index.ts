// Projects and plugins from templates: for `dda init`, `dda new` and `npm create dda-thinker`.
export { type AddedPlugin, addPlugin, PLUGIN_KINDS, type PluginKind } from './add-plugin.ts'
export { openPackageSource, type PackageSource } from './package-source.ts'
export { findTemplate, packageName, type Template, type TemplateName, TEMPLATES } from './templates.ts'
export { requireEmpty, scaffold, type Scaffolded, type ScaffoldRequest } from './scaffold.ts'
export { version } from './version.ts'
