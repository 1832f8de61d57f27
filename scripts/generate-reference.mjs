// Writes docs/reference/*.md from the code: exit statuses, errors, hooks, configuration keys, plugin options, commands.
// `--check` writes nothing and exits with 1 where a committed page is not what the code says. Needs a build.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'docs/reference')
const HEAD = '<!-- Made by scripts/generate-reference.mjs from the code. Do not edit. -->\n\n'

/** Code, message and next step of a failure in Python, where all are literals. */
const PYTHON_FAILURE =
  /"(DDA_[A-Z0-9_]*[A-Z0-9])",\s*f?"((?:[^"\\]|\\.)*)",\s*(?:next=)?f?(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/g

const pages = {
  'exit-codes.md': await exitCodes(),
  'errors.md': await errors(),
  'hooks.md': hooks(),
  'config.md': await config(),
  'plugins.md': await plugins(),
  'commands.md': await commands(),
}

const stale = []
mkdirSync(target, { recursive: true })
for (const [name, body] of Object.entries(pages)) {
  const file = join(target, name)
  const text = `${HEAD}${body.trim()}\n`
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

/** Every quoted DDA_ code in the sources, with the message and next step that stand beside it. */
async function errors() {
  const { exitCodeOf } = await load('packages/cli/dist/terminal/exit-codes.js')
  const found = new Map()
  for (const file of sources()) {
    const text = readFileSync(file, 'utf8')
    for (const match of text.matchAll(/'(DDA_[A-Z0-9_]*[A-Z0-9])'/g)) {
      const code = match[1]
      const entry = found.get(code) ?? { messages: new Set(), next: new Set(), files: new Set() }
      found.set(code, entry)
      entry.files.add(relative(root, file).split(sep).join('/'))
      const after = match.index + match[0].length
      const comma = /^\s*,\s*/.exec(text.slice(after))
      if (comma === null) continue
      const message = literal(text, after + comma[0].length)
      // In a list of codes the next one is no message.
      if (message === undefined || /^DDA_[A-Z0-9_]+$/.test(message.value)) continue
      entry.messages.add(message.value)
      const rest = text.slice(message.end, message.end + 500)
      const nextAt = rest.search(/\bnext:\s/)
      const other = rest.search(/'DDA_/)
      if (nextAt < 0 || (other >= 0 && other < nextAt)) continue
      const next = literal(text, message.end + nextAt + rest.slice(nextAt).search(/['"`]/))
      if (next !== undefined) entry.next.add(next.value)
    }
  }
  for (const file of pythonSources()) {
    for (const [, code, message, next, other] of readFileSync(file, 'utf8').matchAll(PYTHON_FAILURE)) {
      const entry = found.get(code) ?? { messages: new Set(), next: new Set(), files: new Set() }
      found.set(code, entry)
      entry.files.add(relative(root, file).split(sep).join('/'))
      entry.messages.add(withoutHoles(message))
      entry.next.add(withoutHoles(next ?? other))
    }
  }
  const sections = [...found]
    .toSorted(([a], [b]) => byText(a, b))
    .map(([code, { messages, next, files }]) => {
      const lines = [
        `## ${code}`,
        '',
        `Exit status ${exitCodeOf(code)}.`,
        '',
        ...[...messages].toSorted(byText).map((message) => `- ${plain(message)}`),
      ]
      if (next.size > 0)
        lines.push(
          '',
          ...[...next]
            .toSorted(byText)
            .map((step) => `Next: ${plain(step)}`)
            .join('  \n')
            .split('\n'),
        )
      lines.push(
        '',
        `<sub>${[...files]
          .toSorted(byText)
          .map((file) => `[${file}](../../${file})`)
          .join(' · ')}</sub>`,
      )
      return lines.join('\n')
    })
  return `# Errors

Every error that the framework throws on purpose has a code; scripts should look at nothing else. \`‹…›\` stands for what is
filled in. An error is printed with its code and message, the place in a file, the plugin and hook, and the next step. The exit status
is that of a command which the error ends; an error that belongs to one rollout masks that rollout instead.

${sections.join('\n\n')}`
}

function hooks() {
  const text = readFileSync(join(root, 'packages/plugin-api/src/hooks.ts'), 'utf8')
  const body = /export interface Hooks \{([\s\S]*?)\n\}/.exec(text)?.[1] ?? ''
  const rows = [
    ...body.matchAll(/(?:\/\*\* ([^*]*?) \*\/\s*)?(\w+): \{ readonly noun: (\w+); readonly info: (\w+) \}/g),
  ].map(([, note, name, noun, info]) => [`\`${name}\``, `\`${noun}\``, `\`${info}\``, note ?? ''])
  return `# Hooks

One hook a stage, each an asynchronous waterfall over the noun that the stage has just made, before it is recorded. A tap
returns a changed noun to transform it, or nothing to observe it; its id and the ids of what it was made from must stay.
Taps are ordered by \`order\` (\`pre\`, \`normal\`, \`post\`), then by \`before\` and \`after\`, then as in the configuration.
\`dda plugins\` shows the order that results.

${table(['hook', 'noun', 'info', ''], rows)}

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
  const { COMMANDS } = await load('packages/cli/dist/commands/index.js')
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

/** Text in which `<id>` shall stay readable. */
function plain(text) {
  return text.replaceAll('<', '\\<')
}

/** The string or template literal at a position, its holes as ‹…›. */
function literal(text, start) {
  const quote = text[start]
  if (quote !== "'" && quote !== '"' && quote !== '`') return undefined
  let value = ''
  for (let i = start + 1; i < text.length; i++) {
    const character = text[i]
    if (character === '\\') {
      i += 1
      value += text[i] === 'n' ? ' ' : text[i]
    } else if (character === quote) return { value, end: i + 1 }
    else if (quote === '`' && character === '$' && text[i + 1] === '{') {
      i = holeEnd(text, i + 2)
      value += '‹…›'
    } else value += character
  }
  return undefined
}

function holeEnd(text, start) {
  let depth = 1
  for (let i = start; i < text.length; i++) {
    if (text[i] === '`' || text[i] === "'" || text[i] === '"') i = (literal(text, i)?.end ?? i + 1) - 1
    else if (text[i] === '{') depth += 1
    else if (text[i] === '}' && --depth === 0) return i
  }
  return text.length
}

function sources() {
  return ['packages', 'plugins'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((name) => {
      // The test kit names codes that others throw.
      if (name === 'testkit') return []
      const dir = join(root, group, name, 'src')
      if (!existsSync(dir)) return []
      return readdirSync(dir, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
        .map((file) => join(dir, file))
        .toSorted(byText)
    }),
  )
}

function pythonSources() {
  return ['packages', 'plugins'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((name) => {
      const dir = join(root, group, name, 'python')
      if (!existsSync(dir)) return []
      return readdirSync(dir, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.py') && !file.split(sep).includes('tests'))
        .map((file) => join(dir, file))
        .toSorted(byText)
    }),
  )
}

/** A text of Python, what is filled in as ‹…›; holes may hold texts with holes. */
function withoutHoles(text) {
  const less = text.replaceAll(/\{[^{}]*\}/g, '‹…›')
  return less === text ? text : withoutHoles(less)
}

function load(path) {
  return import(pathToFileURL(join(root, path)).href)
}

function byText(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}
