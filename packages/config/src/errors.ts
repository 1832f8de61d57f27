import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CONFIG_EMPTY: {
      message: '{file} is empty.',
      next: 'Write at least the plugins to use, or run `dda init` in an empty folder for a start.',
      exit: 'usage',
    },
    DDA_CONFIG_EXTENDS: {
      message: '{location}  extends: expected a name or a list of names of presets.',
      next: 'Write `extends: [name]`.',
      exit: 'usage',
    },
    DDA_CONFIG_EXTENDS_CYCLE: {
      message: 'Presets extend each other in a circle:\n{circle}',
      next: 'Take one `extends` out of the circle.',
      exit: 'usage',
    },
    'DDA_CONFIG_LOAD/broken': {
      message: '{file} could not be loaded: {why}',
      next: 'Run the file by itself to see what it throws, or write the configuration in YAML.',
      exit: 'usage',
    },
    'DDA_CONFIG_LOAD/extension': {
      message: '{file}: a configuration is a {known} file.',
      next: 'Rename it, or name another file.',
      exit: 'usage',
    },
    'DDA_CONFIG_LOAD/not-a-map': {
      message: '{file} gives {got}; a configuration is a map of keys.',
      next: 'In TypeScript and JavaScript, export the configuration as the default export.',
      exit: 'usage',
    },
    'DDA_CONFIG_MISSING/file': {
      message: 'There is no configuration file {file}.',
      next: 'Check the path, or leave it out to have the file found.',
      exit: 'usage',
    },
    'DDA_CONFIG_MISSING/not-found': {
      message: 'No configuration found: looked for {names} in {where} and every folder above it.',
      next: 'Run `dda init` to make a project, or name a file with --config.',
      exit: 'usage',
    },
    'DDA_CONFIG_PRESET_UNKNOWN/not-installed': {
      message:
        '{location}  extends: `{use}` is the {wanted} of the package {name} of DDA-Thinker, which is not installed here.',
      next: 'Run `{command}` in {folder}; {page} says more.',
      exit: 'usage',
    },
    'DDA_CONFIG_PRESET_UNKNOWN/unknown': {
      message: '{location}  extends: there is no preset `{name}`.{didYouMean}\n{tried}',
      next: 'Install the preset, or give its path, which starts with ./ or ../.',
      exit: 'usage',
    },
    DDA_CONFIG_INVALID: {
      message: '{count} in the configuration:\n{problems}',
      next: 'Put each right where its line says, then run `dda config print` to see what results.',
      exit: 'usage',
    },
    DDA_CONFIG_SET: {
      message: '--set {argument}: {why}',
      next: 'Write --set key=value, for example --set train.steps=50 or --set judge[0].model=name.',
      exit: 'usage',
    },
    DDA_CONFIG_SYNTAX: {
      message: '{location}  {message}',
      next: 'Put the syntax right at that place; nothing after it was read.',
      exit: 'usage',
    },
    'DDA_PLUGIN_API_VERSION/newer': {
      message: 'Plugin {name} ({path}) was built for plugin API {version}; this is {ours}.',
      next: 'Update DDA-Thinker, or install an older version of the plugin.',
      exit: 'usage',
    },
    'DDA_PLUGIN_API_VERSION/older': {
      message: 'Plugin {name} ({path}) was built for plugin API {version}; this is {ours}.',
      next: 'Install a newer version of the plugin.',
      exit: 'usage',
    },
    DDA_PLUGIN_NOT_BUILT: {
      message: '`{use}` leads to {folder}, whose package.json exports {file}, which is not there.',
      next: 'Run `npm run build` in {folder}, or name its source file, which needs no build.',
      exit: 'usage',
    },
    DDA_PLUGIN_INVALID: {
      message: 'The default export of {path} (`use: {use}`) is not a plugin.',
      next: 'Export the result of definePlugin() or definePluginSet() as the default export.',
      exit: 'usage',
    },
    'DDA_PLUGIN_INVALID/incomplete': {
      message: 'Plugin {name} ({path}) is incomplete: {fault}.',
      next: 'Give definePlugin() a name, the TypeBox schema of its options and a function setup; `dda new` writes a whole one to begin with.',
      exit: 'usage',
    },
    DDA_PLUGIN_KIND: {
      message: '`{use}` offers no {kind}: that is {found} ({path}).',
      next: 'Name it under {kinds}, or name another plugin under `{kind}`.',
      exit: 'usage',
    },
    'DDA_PLUGIN_API_VERSION/none': {
      message: 'Plugin {name} ({path}) says no version of the plugin API: a number is due, {version} is there.',
      next: 'Write `apiVersion: API_VERSION`, with API_VERSION from @dda-thinker/plugin-api.',
      exit: 'usage',
    },
    DDA_PLUGIN_LOAD: {
      message: '`{use}` was found at {path} but could not be loaded: {why}',
      next: 'Correct what is said there; where it is the code of another, report it to its author.',
    },
    'DDA_PLUGIN_LOAD/missing': {
      message: '`{use}` was found at {path} but could not be loaded: {why}',
      next: 'Run `npm install` in its project, with the name of the package that it misses where its package.json does not have it.',
    },
    'DDA_PLUGIN_NOT_FOUND/not-installed': {
      message: '`{use}` is the {wanted} of the package {name} of DDA-Thinker, which is not installed here.',
      next: 'Run `{command}` in {folder}; {page} says more.',
      exit: 'usage',
    },
    'DDA_PLUGIN_NOT_FOUND/unknown': {
      message: 'There is no {wanted} `{use}`.{otherKind}{didYouMean}\n{tried}',
      next: 'Install the package, or correct `use`: a path that starts with ./ or ../, a package name, or a short name.',
      exit: 'usage',
    },
    DDA_PLUGIN_SCHEMA: {
      message: 'The options of plugin {name} have no usable schema: {why}',
      next: 'Describe the options with Type.Object({...}, { additionalProperties: false }).',
      exit: 'usage',
    },
    DDA_PLUGIN_SETTLE: {
      message: 'Plugin {name} cannot settle its options: {why}',
      next: 'This is a defect of the plugin: its `settle` is to return the options, checked as they are, with some at their defaults. Tell its author.',
    },
  },
  { page: ERRORS_PAGE },
)
