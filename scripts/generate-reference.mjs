// Writes docs/reference/*.md from the code: exit statuses, errors, hooks, configuration keys, plugin options, commands; and
// for the Python half of a plugin the texts of its errors, errors.json.
// `--check` writes nothing and exits with 1 where a committed page is not what the code says. Needs a build.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'

const root = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url)
const target = join(root, 'docs/reference')
const HEAD = '<!-- Made by scripts/generate-reference.mjs from the code. Do not edit. -->\n\n'

const tables = await errorTables()
const pages = {
  'exit-codes.md': await exitCodes(),
  'errors.md': await errors(),
  'hooks.md': await hooks(),
  'config.md': await config(),
  'plugins.md': await plugins(),
  'commands.md': await commands(),
}
const files = {
  ...Object.fromEntries(
    Object.entries(pages).map(([name, body]) => [`docs/reference/${name}`, `${HEAD}${body.trim()}\n`]),
  ),
  ...pythonTables(),
}

const stale = []
mkdirSync(target, { recursive: true })
for (const [name, text] of Object.entries(files)) {
  const file = join(root, name)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  if (process.argv.includes('--check')) stale.push(name)
  else writeFileSync(file, text)
}
if (stale.length > 0) {
  process.stderr.write(`Not what the code says: ${stale.join(', ')}. Run node scripts/generate-reference.mjs\n`)
  process.exitCode = 1
}

async function exitCodes() {
  const { EXIT_CODES } = await load('packages/cli/dist/index.js')
  const rows = EXIT_CODES.map(({ code, name, meaning }) => [String(code), name, meaning])
  return `# Exit statuses of \`dda\`

${table(['status', 'name', 'meaning'], rows)}

4, 5 and 130 leave a run that the same command continues, and so does 3 where a run had begun: [its state](run-directory.md#statusjson) says
whether something outside of it stopped it or it failed. With \`--json\` the status is also in the envelope as
\`exitCode\`.`
}

/** Every row of every package's table of errors, by code. */
async function errors() {
  const { EXIT_CODES } = await load('packages/cli/dist/index.js')
  const { errorCode } = await load('packages/plugin-api/dist/index.js')
  const statuses = new Map(EXIT_CODES.map(({ code, name }) => [name, code]))
  const found = new Map()
  for (const { folder, rows } of tables) {
    for (const [key, row] of Object.entries(rows)) {
      const code = errorCode(key)
      const { exit = 'failure' } = row
      const entry = found.get(code) ?? { status: statuses.get(exit), texts: new Map(), folders: new Set() }
      found.set(code, entry)
      entry.folders.add(folder)
      // The same message may have several next steps.
      entry.texts.set(row.message, (entry.texts.get(row.message) ?? new Set()).add(row.next))
    }
  }
  const sections = [...found]
    .toSorted(([a], [b]) => byText(a, b))
    .map(([code, { status, texts, folders }]) => {
      const items = [...texts]
        .toSorted(([a], [b]) => byText(a, b))
        .map(([message, steps]) => [`- ${plain(message)}`, ...nextSteps(steps)].join('  \n  '))
      const owners = [...folders].toSorted(byText).map((folder) => `[${folder}](../../${folder}/src/errors.ts)`)
      return `## ${code}\n\nExit status ${status}.\n\n${items.join('\n')}\n\n<sub>${owners.join(' · ')}</sub>`
    })
  return `# Errors

Every error that the framework throws on purpose has a code; scripts should look at nothing else. \`‹name›\` stands for what is
filled in. An error is printed with its code and message, the place in a file, the plugin and hook, and the next step. The exit status
is that of a command which the error ends; an error that belongs to one rollout masks that rollout instead.

${sections.join('\n\n')}`
}

function nextSteps(steps) {
  return [...steps]
    .filter((step) => step !== undefined)
    .toSorted(byText)
    .map((step) => `Next: ${plain(step)}`)
}

/** The tables of all packages that have one. */
async function errorTables() {
  const tables = []
  for (const group of ['packages', 'plugins']) {
    for (const name of readdirSync(join(root, group)).toSorted(byText)) {
      const folder = `${group}/${name}`
      if (!existsSync(join(root, folder, 'src/errors.ts'))) continue
      const { errors: table } = await load(`${folder}/src/errors.ts`)
      tables.push({ folder, rows: table.rows })
    }
  }
  return tables
}

/** Beside the `errors.py` of a plugin: the rows of its table, and those of the contract. */
function pythonTables() {
  const contract = tables.find(({ folder }) => folder === 'packages/plugin-api')?.rows ?? {}
  return Object.fromEntries(
    tables.flatMap(({ folder, rows }) => {
      const python = join(root, folder, 'python')
      if (!existsSync(python)) return []
      return readdirSync(python)
        .filter((name) => existsSync(join(python, name, 'errors.py')))
        .map((name) => {
          const texts = Object.entries({ ...contract, ...rows })
            .toSorted(([a], [b]) => byText(a, b))
            .map(([key, { message, next = '' }]) => [key, { message, next }])
          return [`${folder}/python/${name}/errors.json`, `${JSON.stringify(Object.fromEntries(texts), null, 2)}\n`]
        })
    }),
  )
}

async function hooks() {
  const { HOOKS } = await load('packages/plugin-api/dist/index.js')
  const rows = Object.entries(HOOKS).map(([name, { noun, info, made }]) => [
    `\`${name}\``,
    `\`${noun}\``,
    `\`${info}\``,
    made,
  ])
  return `# Hooks

One hook a stage, each an asynchronous waterfall over the noun that the stage has just made, before it is recorded. A tap
returns a changed noun to transform it, or nothing to observe it; its id and the ids of what it was made from must stay.
Taps are ordered by \`order\` (\`pre\`, \`normal\`, \`post\`), then by \`before\` and \`after\`, then as in the configuration.
\`dda plugins\` shows the order that results.

${table(['hook', 'noun', 'info', 'made by then'], rows)}

Types: [packages/plugin-api/src/hooks.ts](../../packages/plugin-api/src/hooks.ts).`
}

async function config() {
  const { ProjectConfigSchema } = await load('packages/config/dist/index.js')
  return `# Configuration keys

What \`dda.config.yaml\` may say beside \`extends\`. Keys that name a plugin (\`use\`) also take the [options of that
plugin](plugins.md). \`dda config print\` shows every value with its origin, \`dda config schema\` the JSON Schema.

${table(['key', 'type', 'default', ''], flatten(ProjectConfigSchema))}`
}

async function plugins() {
  const { isPlugin, isPluginSet } = await load('packages/plugin-api/dist/index.js')
  const sections = []
  for (const folder of readdirSync(join(root, 'plugins')).toSorted(byText)) {
    const manifest = join(root, 'plugins', folder, 'package.json')
    const entry = join(root, 'plugins', folder, 'dist/index.js')
    if (!existsSync(manifest) || !existsSync(entry)) continue
    const { name } = JSON.parse(readFileSync(manifest, 'utf8'))
    const exported = (await import(pathToFileURL(entry).href)).default
    const kinds = isPluginSet(exported)
      ? Object.entries(exported)
      : isPlugin(exported)
        ? [[folder.split('-')[0], exported]]
        : []
    for (const [kind, plugin] of kinds) {
      const rows = flatten(plugin.options)
      const options = rows.length === 0 ? 'No options.' : table(['option', 'type', 'default', ''], rows)
      sections.push(`## ${name}, as ${kind}\n\n${options}`)
    }
  }
  return `# Options of the plugins in this repository\n\n${sections.join('\n\n')}`
}

async function commands() {
  const { COMMANDS } = await load('packages/cli/src/commands/index.ts')
  const sections = COMMANDS.map(({ name, summary, details, arguments: args = [], options = [], examples }) => {
    const lines = [`## dda ${name}`, '', summary]
    if (details !== undefined) lines.push('', details)
    const rows = [
      ...args.map(({ name, description }) => [`\`${name}\``, description]),
      ...options.map(({ flags, description, default: value, choices }) => [
        `\`${flags}\``,
        `${description}${choices === undefined ? '' : ` One of ${choices.join(', ')}.`}${value === undefined ? '' : ` Default: ${value}.`}`,
      ]),
    ]
    if (rows.length > 0) lines.push('', table(['', ''], rows))
    const width = Math.max(...examples.map(([command]) => command.length))
    lines.push('', ...examples.map(([command, what]) => `    ${command.padEnd(width)}   # ${what}`))
    return lines.join('\n')
  })
  return `# Commands

Every command also takes \`--cwd <dir>\`, \`--config <file>\`, \`--set key=value\` (repeatable), \`--json\`, \`--debug\` and
\`--no-color\`; see [the guide](../guide/cli.md).

${sections.join('\n\n')}`
}

/** Rows of key, type, default and description of a JSON schema, nested keys with dots. */
function flatten(schema, prefix = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`
    if (inner.type === 'object' && inner.properties !== undefined && inner.properties.use === undefined) {
      return flatten(inner, path)
    }
    const value = inner.default === undefined ? '' : `\`${JSON.stringify(inner.default)}\``
    return [[`\`${path}\``, typeOf(inner), value, inner.description ?? '']]
  })
}

function typeOf(schema) {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.properties?.use !== undefined) return 'plugin'
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  const variants = schema.anyOf ?? schema.oneOf
  if (variants !== undefined)
    return variants.map((variant) => ('const' in variant ? `\`${variant.const}\`` : typeOf(variant))).join(' or ')
  const limits = [
    schema.minimum === undefined ? undefined : `≥ ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? undefined : `> ${schema.exclusiveMinimum}`,
    schema.maximum === undefined ? undefined : `≤ ${schema.maximum}`,
    schema.exclusiveMaximum === undefined ? undefined : `< ${schema.exclusiveMaximum}`,
  ].filter((limit) => limit !== undefined)
  return [schema.type ?? 'any', ...limits].join(' ')
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** A text of a table on a page: on one line, holes as ‹name›, `<id>` readable. */
function plain(text) {
  return text
    .replaceAll('\n', ' ')
    .replaceAll(/\{(\w+)\}/g, '‹$1›')
    .replaceAll('<', '\\<')
}

/** A module of a build, or a source that no package exports. */
function load(path) {
  return path.endsWith('.ts') ? jiti.import(join(root, path)) : import(pathToFileURL(join(root, path)).href)
}

function byText(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}
