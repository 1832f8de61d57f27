// What every package of packages/, plugins/ and templates/ has to carry so that it can be published: see `problemsOf`.
//   node scripts/package-metadata.mjs           writes what follows from somewhere else: repository, licence, README of a plugin
//   node scripts/package-metadata.mjs --check   writes nothing, prints what is missing or out of date, and fails where anything is
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const HOME = 'https://github.com/dda-thinker/dda-thinker'

/** Sources are packed: source maps and declaration maps lead into them. Tests, their fixtures and build records are not. */
const FILES = ['dist', '!dist/**/.tsbuildinfo', 'src', '!src/**/*.test.ts', '!src/**/*.fixture.*']

/** Every workspace package. @param top the checkout; default: this one */
export function workspaces(top = root) {
  const folders = ['packages', 'plugins'].flatMap((group) =>
    readdirSync(join(top, group)).map((name) => ({ group, name, folder: `${group}/${name}` })),
  )
  return [...folders, { group: 'templates', name: 'templates', folder: 'templates' }]
    .map((workspace) => ({ ...workspace, dir: join(top, workspace.folder) }))
    .filter(({ dir }) => existsSync(join(dir, 'package.json')))
    .map((workspace) => ({
      ...workspace,
      manifest: JSON.parse(readFileSync(join(workspace.dir, 'package.json'), 'utf8')),
    }))
}

/** The fields that follow from where a package is, and from what it holds. */
function derivedFields({ group, name, folder, manifest, dir }) {
  const page = group === 'plugins' ? `blob/main/docs/plugins/${name}.md` : `tree/main/${folder}#readme`
  return {
    description: manifest.description ?? (group === 'plugins' ? firstSentence(handbookPage(name, dir)) : undefined),
    license: 'MIT',
    homepage: `${HOME}/${page}`,
    bugs: `${HOME}/issues`,
    repository: { type: 'git', url: `git+${HOME}.git`, directory: folder },
    publishConfig: { access: 'public' },
    engines: manifest.engines ?? { node: '>=20.19' },
    files: existsSync(join(dir, 'src'))
      ? [...FILES, ...(manifest.files ?? []).filter((entry) => !FILES.includes(entry))]
      : manifest.files,
  }
}

function handbookPage(name, dir) {
  const page = join(dir, '../../docs/plugins', `${name}.md`)
  return existsSync(page) ? readFileSync(page, 'utf8') : undefined
}

function firstSentence(page) {
  const paragraph = page?.split(/\n\n+/)[1]?.replaceAll('\n', ' ')
  return paragraph
    ?.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .match(/^.*?[.:](?=\s|$)/)?.[0]
    .replace(/:$/, '.')
}

/** README of a plugin: its handbook page up to the first heading, with links that hold outside the repository. */
function pluginReadme({ name, manifest, dir }) {
  const page = handbookPage(name, dir)
  if (page === undefined) return undefined
  const opening = page
    .replace(/^# .*\n+/, '')
    .split(/^## /m)[0]
    .trimEnd()
  const links = opening.replaceAll(/\]\((?!https?:|#)([^)\s]+)\)/g, (_all, path) => {
    return `](${HOME}/blob/main/${new URL(path, 'file:///docs/plugins/').pathname.slice(1)})`
  })
  return `# ${manifest.name}

${links}

A plugin of [DDA-Thinker](${HOME}). Options, failures and limits: [its page in the handbook](${HOME}/blob/main/docs/plugins/${name}.md).

    npm install ${manifest.name}
`
}

function packageReadme({ manifest, folder }) {
  if (manifest.description === undefined) return undefined
  return `# ${manifest.name}

${manifest.description}

A part of [DDA-Thinker](${HOME}); [the architecture](${HOME}/blob/main/docs/architecture.md) says where it stands. Sources: [${folder}](${HOME}/tree/main/${folder}).
`
}

/** Text of the files that a package has to have: README is written once for a library and follows the handbook for a plugin. */
function derivedFiles(workspace) {
  const readme = join(workspace.dir, 'README.md')
  const own = workspace.group !== 'plugins' && existsSync(readme)
  return {
    LICENSE: readFileSync(join(root, 'LICENSE'), 'utf8'),
    'README.md': own
      ? readFileSync(readme, 'utf8')
      : workspace.group === 'plugins'
        ? pluginReadme(workspace)
        : packageReadme(workspace),
  }
}

/** What one package lacks, as sentences. */
export function problemsOf(workspace) {
  const { dir, manifest } = workspace
  const fields = Object.entries(derivedFields(workspace))
    .filter(([key, value]) => JSON.stringify(manifest[key]) !== JSON.stringify(value))
    .map(([key]) => `package.json: ${key} is missing or out of date`)
  const described = /\w.*\.$/.test(manifest.description ?? '') ? [] : ['package.json: description is to be a sentence']
  const files = Object.entries(derivedFiles(workspace)).flatMap(([file, content]) => {
    const path = join(dir, file)
    if (!existsSync(path)) return [`${file} is missing`]
    return content === readFileSync(path, 'utf8') ? [] : [`${file} is out of date`]
  })
  return [...fields, ...described, ...files]
}

/** Writes what {@link problemsOf} finds and can derive. New fields go behind `version` or `license`; the others stay where they are. */
function fix(workspace) {
  const derived = Object.entries(derivedFields(workspace)).filter(([, value]) => value !== undefined)
  const fresh = derived.filter(([key]) => !(key in workspace.manifest))
  const place = (key) => (key === 'description' ? 'version' : 'license')
  const entries = Object.entries(workspace.manifest).flatMap(([key, value]) => [
    [key, derived.find(([name]) => name === key)?.[1] ?? value],
    ...fresh.filter(([name]) => place(name) === key),
  ])
  const manifest = Object.fromEntries([...entries, ...fresh.filter(([name]) => !entries.some(([key]) => key === name))])
  writeUnlessSame(join(workspace.dir, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  for (const [file, content] of Object.entries(derivedFiles({ ...workspace, manifest }))) {
    if (content !== undefined) writeUnlessSame(join(workspace.dir, file), content)
  }
}

function writeUnlessSame(path, content) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== content) writeFileSync(path, content)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (!process.argv.includes('--check')) workspaces().forEach(fix)
  const problems = workspaces().flatMap((one) => problemsOf(one).map((problem) => `${one.folder}: ${problem}`))
  for (const problem of problems) process.stdout.write(`${problem}\n`)
  if (problems.length > 0) {
    process.stdout.write('\nRun `node scripts/package-metadata.mjs`; what it still prints is to be written by hand.\n')
    process.exitCode = 1
  }
}
