import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { COMMANDS } from '../../packages/cli/src/commands/index.ts'
import { SHARED_OPTIONS } from '../../packages/cli/src/terminal/shared-options.ts'
import { anchorOf } from '../../docs/.vitepress/links.mjs'
import { ddaHere } from '../support/in-process.ts'
import { root, temporaryFolder } from '../support/dda.ts'

// What the documentation shows is checked: every configuration by `dda config check`, every command against the command line.
const place = temporaryFolder()
symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'), 'junction')
afterAll(() => rmSync(place, { recursive: true, force: true }))

interface Block {
  readonly at: string
  readonly language: string
  readonly text: string
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...markdown('docs'),
  ...markdown('packages').filter((path) => !path.includes('node_modules')),
  ...markdown('templates').filter((path) => !path.includes('node_modules')),
]
const blocks = pages.flatMap(blocksOf)

function markdown(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(folder, path))
}

/** Fenced blocks, and indented ones, which are commands here. */
function blocksOf(path: string): readonly Block[] {
  const text = readFileSync(join(root, path), 'utf8')
  const line = (index: number) => text.slice(0, index).split('\n').length
  const fenced = [...text.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: content = '', index }) => ({
      at: `${path}:${line(index)}`,
      language,
      text: content,
    }),
  )
  const indented = [
    ...text.replaceAll(/^```.*?^```$/gms, (all) => all.replaceAll(/[^\n]/g, '')).matchAll(/(?:^ {4}\S[^\n]*\n)+/gm),
  ].map(({ 0: content, index }) => ({
    at: `${path}:${line(index)}`,
    language: 'sh',
    text: content.replaceAll(/^ {4}/gm, ''),
  }))
  return [...fenced, ...indented]
}

/** What a block leaves out; one that names a key says all of it. */
const BASE = {
  synthesizer: [{ use: 'tabletop' }],
  editor: { use: 'tabletop' },
  judge: [{ use: 'tabletop' }],
  reward: { use: 'dual-atomic' },
}

const WORKFLOW = join(root, 'plugins/editor-comfyui/examples/edit.workflow.json')

/** Those of templates hold placeholders; the rehearsal of the release checks them filled in. */
const configurations = blocks.filter(({ at, language }) => language === 'yaml' && !at.startsWith('templates/'))

describe.each(configurations)('$at', ({ at, text }) => {
  test('is a configuration, or a part of one, that is sound', async () => {
    const documents = parseAllDocuments(text).flatMap(({ errors }) => errors)
    expect(documents).toEqual([])
    // A block of comments alone is empty.
    const shown = (parse(text) ?? {}) as Record<string, unknown>
    const dir = join(place, at.replaceAll(/[^\w]/g, '-'))
    mkdirSync(dir, { recursive: true })
    writePlugins(at.split(':')[0] ?? '', dir)
    const { editor } = shown as { readonly editor?: { readonly workflow?: string } }
    // The workflow that a reader exports from ComfyUI: the plugin's example is the one that the page tells of.
    if (editor?.workflow !== undefined) cpSync(WORKFLOW, join(dir, editor.workflow))
    writeFileSync(join(dir, 'dda.config.yaml'), stringify({ ...BASE, ...shown }))
    const { error } = await ddaHere(dir, 'config', 'check')
    expect(error).toBeUndefined()
  })
})

/** What a page says to put into a file stands beside its configurations. */
function writePlugins(page: string, dir: string): void {
  const files = readFileSync(join(root, page), 'utf8').matchAll(/^```ts file=(\S+)\n(.*?)^```$/gms)
  for (const [, file = '', content = ''] of files) {
    mkdirSync(join(dir, file, '..'), { recursive: true })
    writeFileSync(join(dir, file), content)
  }
}

test('what is shown as JSON is JSON', () => {
  const wrong = blocks
    .filter(({ language, at }) => language === 'json' && !at.startsWith('templates/'))
    .flatMap(({ at, text }) => {
      try {
        JSON.parse(text)
        return []
      } catch (error) {
        return [`${at}: ${String(error)}`]
      }
    })
  expect(wrong).toEqual([])
})

const options = new Map(
  COMMANDS.map(({ name, options = [] }) => [
    name,
    new Set(
      [...options, ...SHARED_OPTIONS, { flags: '-h, --help' }].flatMap(
        ({ flags }) => flags.match(/(?<![\w-])--?[a-z][\w-]*/g) ?? [],
      ),
    ),
  ]),
)

describe('commands', () => {
  const commands = blocks
    .filter(({ language }) => ['sh', 'bash', ''].includes(language))
    .flatMap(({ at, text }) =>
      text
        .split('\n')
        .flatMap((line) => line.replace(/\s#.*$/, '').split(/&&|;|\|/))
        .map((command) => /^\s*(?:\$ )?(?:npx )?dda\s+(\S.*)$/.exec(command)?.[1])
        .filter((command) => command !== undefined)
        .map((command) => ({ at, command })),
    )

  test('are found', () => expect(commands.length).toBeGreaterThan(40))

  test('are known to the command line, with the options that they show', () => {
    const wrong = commands.flatMap(({ at, command }) => {
      if (/^(--help|--version|-V|-h)/.test(command)) return []
      const words = command.match(/'[^']*'|"[^"]*"|\S+/g) ?? []
      const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((known) => options.has(known))
      const isGroup = [...options.keys()].some((known) => known.startsWith(`${words[0]} `))
      if (name === undefined) return isGroup && words.length === 1 ? [] : [`${at}: dda ${command}: no such command`]
      return words
        .filter((word) => /^--?[a-z]/.test(word))
        .map((word) => word.split('=')[0] ?? '')
        .filter((word) => !options.get(name)?.has(word))
        .map((word) => `${at}: dda ${command}: no option ${word}`)
    })
    expect(wrong).toEqual([])
  })

  // In zsh, brackets and braces outside of quotes are patterns; one that matches nothing ends the command.
  test('can be pasted into zsh as well', () => {
    const unsafe = commands.filter(({ command }) =>
      /[[\]{}*?]/.test(command.replaceAll(/'[^']*'|"[^"]*"|<[^>]*>/g, '')),
    )
    expect(unsafe).toEqual([])
  })
})

test('links lead to pages and headings that are there', () => {
  const broken = pages.flatMap((page) =>
    [...prose(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]+)?[^)]*\)/g)].flatMap(
      ([, path = '', anchor = '']) => {
        const target = path === '' ? page : relative(root, join(root, page, '..', path))
        if (!exists(join(root, target))) return [`${page}: ${target}`]
        if (anchor === '' || !target.endsWith('.md')) return []
        return anchorsOf(target).includes(anchor.slice(1)) ? [] : [`${page}: ${target}${anchor}`]
      },
    ),
  )
  expect(broken).toEqual([])
})

function prose(page: string): string {
  return readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')
}

function anchorsOf(page: string): readonly string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    anchorOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '')),
  )
}

function exists(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR'
  }
}
