import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ERRORS_PAGE, errorCode, type ErrorKey, type ErrorRow } from '@dda-thinker/plugin-api'
import { parseSync, Visitor } from 'vite'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Package {
  readonly folder: string
  /** Of its product, without fixtures. */
  readonly sources: readonly string[]
  readonly rows: Readonly<Record<string, ErrorRow>>
}

const packages = await Promise.all(
  ['packages', 'plugins']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'src')))
    .map(packageIn),
)
const rows = packages.flatMap(({ folder, rows }) =>
  Object.entries(rows).map(([key, row]) => ({ folder, key: key as ErrorKey, row })),
)
const codes = new Set(rows.map(({ key }) => errorCode(key) as string))

/** Where an error is made that a table has worded before: at the other end of a thread, or with more said about its place. */
const AGAIN = [
  'packages/cli/src/commands/edit.ts',
  'packages/core/src/assembly/attribution.ts',
  'packages/endpoints/src/endpoint-error.ts',
  'packages/pictures/src/picture-error.ts',
  'packages/plugin-api/src/error-table.ts',
  'plugins/judge-onnx/src/computing-thread.ts',
  'plugins/trainer-onnx/src/protocol/worker-error.ts',
]

describe('errors come from the table of their package', () => {
  test('and are made nowhere else', () => {
    const makers = packages.flatMap(({ sources }) => sources.filter((file) => syntaxOf(file).makes.length > 0))
    expect(makers.map(pathOf).toSorted()).toEqual(AGAIN)
  })

  test('never by a code that stands in the code', () => {
    const offences = packages.flatMap(({ sources }) =>
      sources.flatMap((file) =>
        syntaxOf(file)
          .makes.filter(isCode)
          .map((code) => `${pathOf(file)}: ${code}`),
      ),
    )
    expect(offences).toEqual([])
  })

  test.each(packages)('$folder throws every row of its table', ({ folder, rows }) => {
    // What the contract words, roles throw.
    const throwers = folder === 'packages/plugin-api' ? packages : packages.filter((one) => one.folder === folder)
    const said = throwers.flatMap((one) => [
      ...one.sources.filter((file) => !file.endsWith('src/errors.ts')).flatMap((file) => syntaxOf(file).texts),
      ...pythonTexts(one.folder),
    ])
    const known = new Set(said)
    // A template may put the code before the case.
    const dead = Object.keys(rows).filter((key) => !known.has(key) && !known.has(key.replace(/^[^/]*/, '')))
    expect(dead).toEqual([])
  })

  test('a row stands in one table', () => {
    const twice = rows.filter(({ key }, at) => rows.findIndex((other) => other.key === key) !== at)
    expect(twice.map(({ folder, key }) => `${folder}: ${key}`)).toEqual([])
  })

  test('a code leads to one exit status, whoever throws it', () => {
    const exits = new Map<string, Set<string>>()
    for (const { key, row } of rows) {
      const code = errorCode(key)
      exits.set(code, (exits.get(code) ?? new Set()).add(row.exit ?? 'failure'))
    }
    expect([...exits].filter(([, exit]) => exit.size > 1).map(([code, exit]) => [code, [...exit]])).toEqual([])
  })

  test('whoever asks for a code asks for one that there is', () => {
    const asked = packages.flatMap(({ folder, sources }) => [
      ...sources.flatMap((file) => syntaxOf(file).texts.map((text) => ({ text, at: pathOf(file) }))),
      ...pythonTexts(folder).map((text) => ({ text, at: folder })),
    ])
    const unknown = asked.filter(({ text }) => isCode(text) && !isKnown(text) && !VARIABLES.has(text))
    expect(unknown.map(({ text, at }) => `${at}: ${text}`)).toEqual([])
  })
})

test('what ends a command with which status', () => {
  const exits = Object.fromEntries(rows.map(({ key, row }) => [errorCode(key), row.exit ?? 'failure']))
  expect(exits).toMatchObject({
    DDA_USAGE: 'usage',
    DDA_CONFIG_INVALID: 'usage',
    DDA_PLUGIN_NOT_FOUND: 'usage',
    DDA_PLUGIN_FAILED: 'failure',
    DDA_SLOT_EMPTY: 'usage',
    DDA_DATA_MISSING: 'usage',
    DDA_DATA_CORRUPT: 'failure',
    DDA_DISK_FULL: 'failure',
    DDA_CHECKPOINT_CORRUPT: 'failure',
    DDA_STEP_ALL_MASKED: 'partial',
    DDA_BUDGET_EDITS: 'budget',
    DDA_INTERRUPTED: 'interrupted',
    DDA_ABORTED: 'interrupted',
    DDA_MODEL_UNSUPPORTED: 'usage',
    DDA_UNEXPECTED: 'failure',
  })
})

test('errors link the page that is printed from their tables', () => {
  const { homepage } = JSON.parse(readFileSync(join(root, 'packages/plugin-api/package.json'), 'utf8')) as {
    homepage: string
  }
  const repository = homepage.slice(0, homepage.indexOf('/tree/'))
  expect(ERRORS_PAGE).toBe(`${repository}/blob/main/docs/reference/errors.md`)
  const page = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
  const headings = new Set([...page.matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading))
  expect([...codes].filter((code) => !headings.has(code))).toEqual([])
})

/** Names of environment variables, which look like codes. */
const VARIABLES = new Set(['DDA_PYTHON', 'DDA_VENV', 'DDA_REWARD_TOKEN', 'DDA_SERVE_TOKEN', 'DDA_VIEW_TOKEN'])

/** A code of a table, or what several of them begin with. */
function isKnown(text: ErrorKey): boolean {
  return codes.has(errorCode(text)) || [...codes].some((code) => code.startsWith(`${text}_`))
}

async function packageIn(folder: string): Promise<Package> {
  const sources = readdirSync(join(root, folder, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  const table = join(root, folder, 'src/errors.ts')
  if (!existsSync(table)) return { folder, sources, rows: {} }
  const { errors } = (await import(pathToFileURL(table).href)) as { errors: { rows: Package['rows'] } }
  return { folder, sources, rows: errors.rows }
}

interface Syntax {
  /** First arguments of `new SomeError(...)` of the framework's own errors; empty for what is no text. */
  readonly makes: readonly string[]
  /** Texts that name a code, or the case of one. */
  readonly texts: readonly string[]
}

const seen = new Map<string, Syntax>()

function syntaxOf(file: string): Syntax {
  const known = seen.get(file)
  if (known !== undefined) return known
  const makes: string[] = []
  const texts: string[] = []
  const { program } = parseSync(file, readFileSync(file, 'utf8'))
  new Visitor({
    NewExpression({ callee, arguments: [first] }) {
      if (callee.type !== 'Identifier' || !/^(Dda|Endpoint|Picture)Error$/.test(callee.name)) return
      makes.push(first?.type === 'Literal' && typeof first.value === 'string' ? first.value : '')
    },
    Literal({ value }) {
      if (typeof value === 'string' && isCode(value)) texts.push(value)
    },
    TemplateLiteral({ quasis }) {
      const end = quasis.at(-1)?.value.cooked ?? ''
      if (quasis.length > 1 && end.startsWith('/')) texts.push(end)
    },
  }).visit(program)
  const syntax = { makes, texts }
  seen.set(file, syntax)
  return syntax
}

function isCode(text: string): text is ErrorKey {
  return /^DDA_[A-Z0-9_]*[A-Z0-9](\/[a-z0-9-]+)?$/.test(text)
}

/** Texts of the Python half of a plugin that are codes; its variables stand in calls of `os.environ`. */
function pythonTexts(folder: string): string[] {
  const python = join(root, folder, 'python')
  if (!existsSync(python)) return []
  return readdirSync(python, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.py') && !/(^|[/\\])tests[/\\]/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(python, file), 'utf8')
      return [...text.matchAll(/(environ\.get\()?"(DDA_[^"\s]*)"/g)].flatMap(([, variable, code = '']) =>
        variable === undefined ? [code] : [],
      )
    })
}

function pathOf(file: string): string {
  return relative(root, file).replaceAll('\\', '/')
}
