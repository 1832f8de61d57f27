import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ensureBuilt, root, temporaryFolder } from '../support/dda.ts'
import { NpmRegistry, type Published } from '../support/npm-registry.ts'

// Whole programs one after another, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 1_800_000 })

// A whole release on a copy of the repository: both kinds of version by lerna, every package packed, the tarballs installed
// alone into an empty folder, and the first commands of a user there. What is built stays built: nothing is compiled twice.
const place = temporaryFolder()
const copy = join(place, 'repository')
const outside = join(place, 'outside')
const tarballs = join(place, 'tarballs')

beforeAll(() => {
  ensureBuilt('every')
  copyRepository()
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

describe.each([
  ['minor', '0.2.0'],
  ['major', '1.0.0'],
])('lerna version %s', (bump, version) => {
  beforeAll(() => {
    run(copy, 'npx', ['--no-install', 'lerna', 'version', bump, '--no-git-tag-version', '--no-push', '--yes'])
  })

  test('gives every package one version, and every range of our own follows', () => {
    for (const { name, version: own, ...ranges } of manifests()) {
      expect(own, name).toBe(version)
      const all = { ...ranges.dependencies, ...ranges.devDependencies, ...ranges.peerDependencies }
      const ours = Object.entries(all).filter(([other]) => isOurs(other))
      expect(ours.filter(([, range]) => range !== `^${version}`)).toEqual([])
    }
    expect(json(join(copy, 'lerna.json')).version).toBe(version)
    expect(json(join(copy, 'package.json')).version).toBe(version)
  })

  test('leaves a lockfile that fits, and a changelog that names it', () => {
    const { packages } = json(join(copy, 'package-lock.json'))
    for (const { name } of manifests()) {
      expect(packages[`node_modules/${name}`], name).toMatchObject({ link: true })
      expect(packages[packages[`node_modules/${name}`].resolved].version, name).toBe(version)
    }
    const changelog = readFileSync(join(copy, 'CHANGELOG.md'), 'utf8')
    expect(changelog).toMatch(new RegExp(`## Unreleased\\n\\n## ${version.replaceAll('.', String.raw`\.`)} \\(\\d{4}-`))
  })

  test('changes nothing but manifests, lockfile and changelog', () => {
    const changed = run(copy, 'git', ['status', '--porcelain', '--untracked-files=no']).split('\n').filter(Boolean)
    const files = changed.map((line) => line.slice(3))
    expect(files.filter((file) => !/(^|\/)(package|package-lock|lerna)\.json$|^CHANGELOG\.md$/.test(file))).toEqual([])
  })
})

describe('the packed packages', () => {
  beforeAll(() => {
    run(copy, process.execPath, ['scripts/pack.mjs', '--no-build', '--out', tarballs])
  })

  test('are all there, and publint, attw and their source maps find nothing', () => {
    expect(readdirSync(tarballs)).toHaveLength(manifests().length)
    expect(run(copy, process.execPath, ['scripts/check-tarballs.mjs', tarballs])).toContain(' 0 problems')
  })

  test('work alone: installed outside the repository, they make a project, check it and train three steps', () => {
    mkdirSync(outside)
    const dependencies = Object.fromEntries(
      manifests().map(({ name, version }) => [name, `file:${join(tarballs, `${fileName(name)}-${version}.tgz`)}`]),
    )
    writeFileSync(join(outside, 'package.json'), JSON.stringify({ private: true, dependencies }))
    run(outside, 'npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'])
    linkTools()

    run(outside, dda, ['init', 'lab'])
    const lab = join(outside, 'lab')
    run(lab, dda, ['config', 'check'])
    const small = ['--set', 'train.samplesPerStep=4', '--set', 'train.groupSize=2']
    run(lab, dda, ['synthesize', '--set', 'synthesize.count={train: 12, held-out: 2}'])
    const trained = JSON.parse(run(lab, dda, ['train', '--json', '--steps', '3', ...small]))
    expect(trained).toMatchObject({ ok: true, data: { state: 'finished', step: 3, steps: 3 } })
  })

  test('make a project from tarballs alone, by the one command of the docs', () => {
    const empty = join(place, 'empty')
    mkdirSync(empty)
    symlinkSync(tarballs, join(empty, 'tarballs'), 'junction')
    const page = readFileSync(join(root, 'docs/guide/getting-started.md'), 'utf8')
    const [line = ''] = page.match(/^npm exec .*$/m) ?? []
    const { version } = json(join(copy, 'lerna.json'))
    // As it stands: a page that names a version is wrong after the next release.
    run(empty, 'bash', ['-c', line])
    const { overrides } = json(join(empty, 'lab/package.json'))
    expect(overrides['@dda-thinker/editor-sketch']).toContain(`dda-thinker-editor-sketch-${version}.tgz`)
  })

  test('make every template, which is sound there: types, lint, tests and example', () => {
    const create = join(outside, 'node_modules/.bin/create-dda-thinker')
    const templates = readdirSync(join(copy, 'templates')).filter((name) => /^plugin-|^lab$|^paper$/.test(name))
    expect(templates.length).toBeGreaterThanOrEqual(7)
    const plugins = templates.filter((name) => name.startsWith('plugin-'))
    const settings = new Set<string>()
    for (const template of templates) {
      const dir = join(outside, 'made', `my-${template}`)
      run(outside, create, [dir, '--template', template, '--from', tarballs, '--yes'])
      const { dependencies = {}, devDependencies = {}, overrides } = json(join(dir, 'package.json'))
      const ours = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(([name]) => isOurs(name))
      for (const [name, file] of ours) expect(existsSync(join(dir, file.replace('file:', ''))), name).toBe(true)
      expect(overrides['@dda-thinker/plugin-api']).toBeDefined()
      run(existsSync(join(dir, 'examples')) ? join(dir, 'examples') : dir, dda, ['config', 'check'])
      if (!plugins.includes(template)) continue
      settings.add(readFileSync(join(dir, 'tsconfig.json'), 'utf8'))
      run(dir, tool('oxlint'), ['--deny-warnings'])
    }
    // All have the same settings, so that one program checks what each would.
    expect(settings.size).toBe(1)
    const together = { extends: './my-plugin-hook/tsconfig.json', compilerOptions: { rootDir: '.', noEmit: true } }
    writeFileSync(join(outside, 'made/tsconfig.json'), JSON.stringify({ ...together, include: ['my-plugin-*/src'] }))
    const checked = run(join(outside, 'made'), tool('tsc'), ['--listFiles', '--checkers', '1']).split('\n')
    for (const plugin of plugins)
      for (const file of ['index.ts', 'index.test.ts'])
        expect(checked, plugin).toContain(join(outside, 'made', `my-${plugin}`, 'src', file))
    for (const plugin of plugins) run(join(outside, `made/my-${plugin}`), 'npm', ['run', 'example'])
    // What is built is what is published: tests among it would be run a second time, and shipped.
    run(join(outside, 'made/my-plugin-hook'), tool('tsc'), ['-p', 'tsconfig.build.json', '--checkers', '1'])
    expect(readdirSync(join(outside, 'made/my-plugin-hook/dist')).toSorted()).toEqual([
      'index.d.ts',
      'index.d.ts.map',
      'index.js',
      'index.js.map',
    ])
    withoutSketch()
    run(outside, dda, ['new', 'reward', 'brevity', '--cwd', 'lab'])
    run(join(outside, 'lab'), dda, ['config', 'check', '--set', 'reward={use: ./plugins/brevity}'])
    // Their files share the processes that run them: each would else load the packages, and Vitest, for itself.
    const tested = run(outside, tool('vitest'), ['run', '--root', outside, '--no-isolate', '--reporter=default'])
    for (const template of templates) {
      const file = plugins.includes(template) ? 'src/index.test.ts' : 'test/project.test.ts'
      expect(tested).toContain(`made/my-${template}/${file}`)
    }
    for (const file of ['plugins/brevity/index.test.ts', 'test/project.test.ts'])
      expect(tested).toContain(` lab/${file}`)
  })
})

describe('lerna publish', () => {
  test('brings every package, what it builds on before it, and goes on where a registry refused', async () => {
    commit()
    const registry = await NpmRegistry.open()
    onTestFinished(() => registry.close())
    const settings = join(place, 'npmrc')
    writeFileSync(settings, `${registry.url.replace('http:', '')}:_authToken=of-a-release\n`)
    const publish = () =>
      execa('npx', ['--no-install', 'lerna', 'publish', 'from-package', '--registry', registry.url, '--yes'], {
        cwd: copy,
        env: { NX_DAEMON: 'false', npm_config_userconfig: settings },
        reject: false,
        all: true,
      })
    registry.room = 9
    const broken = await publish()
    expect(broken.exitCode, broken.all).toBe(1)
    expect(registry.published.size).toBe(9)
    registry.room = Infinity
    // lerna has written the commit into the manifests, and goes on from none that is changed.
    run(copy, 'git', ['restore', '.'])
    const whole = await publish()
    expect(whole.exitCode, whole.all).toBe(0)
    expect(whole.all).toContain(`published ${manifests().length - 9} packages`)

    const came = [...registry.published.keys()]
    expect(came.toSorted()).toEqual(
      manifests()
        .map(({ name }) => name)
        .toSorted(),
    )
    for (const { name, version } of manifests()) {
      const { versions, _attachments } = registry.published.get(name) as Published
      expect(Object.keys(versions)).toEqual([version])
      const needs = Object.keys(versions[version]?.dependencies ?? {}).filter(isOurs)
      expect(
        needs.filter((other) => came.indexOf(other) > came.indexOf(name)),
        name,
      ).toEqual([])
      // What is published is what was installed and tried above.
      const [sent] = Object.values(_attachments)
      const packed = readFileSync(join(tarballs, `${fileName(name)}-${version}.tgz`))
      expect(filesOf(Buffer.from(sent?.data ?? '', 'base64')), name).toEqual(filesOf(packed))
    }
  })
})

/** A check that never fails checks nothing. */
test('a package with a missing export and a map to a source that is not packed is found', () => {
  const dir = join(place, 'wrong')
  mkdirSync(join(dir, 'dist'), { recursive: true })
  const manifest = {
    name: 'wrong',
    version: '1.0.0',
    type: 'module',
    exports: { '.': './dist/a.js', './b': './dist/b.js' },
  }
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ ...manifest, files: ['dist'] }))
  writeFileSync(join(dir, 'dist/a.js'), 'export {}\n')
  writeFileSync(join(dir, 'dist/a.js.map'), JSON.stringify({ version: 3, sources: ['../src/a.ts'], mappings: '' }))
  run(dir, 'npm', ['pack', '--silent'])
  const check = spawnSync(process.execPath, [join(root, 'scripts/check-tarballs.mjs'), dir], { encoding: 'utf8' })
  expect(check.status).toBe(1)
  expect(check.stdout).toContain('publint: ')
  expect(check.stdout).toContain('attw: it has no types')
  expect(check.stdout).toContain('leads to ../src/a.ts, which is not packed')
})

const dda = join(outside, 'node_modules/.bin/dda')
const tool = (name: string) => join(root, 'node_modules/.bin', name)
const isOurs = (name: string) => name.startsWith('@dda-thinker/') || name === 'create-dda-thinker'
const fileName = (name: string) => name.replace('@', '').replace('/', '-')
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

/** A plugin of ours that a project lacks: the error says which package it is of, and what installs it from the tarballs. */
function withoutSketch(): void {
  const lab = join(outside, 'made/my-lab')
  rmSync(join(outside, 'node_modules/@dda-thinker/editor-sketch'), { recursive: true })
  const args = ['config', 'check', '--set', 'editor={use: sketch}', '--json']
  const { status, stdout } = spawnSync(dda, args, { cwd: lab, encoding: 'utf8' })
  expect(status).toBe(2)
  const { error } = JSON.parse(stdout)
  expect(error.message).toContain('@dda-thinker/editor-sketch')
  const [, file = ''] = /`npm install file:(\S+)`/.exec(error.next) ?? []
  expect(existsSync(join(lab, file)), error.next).toBe(true)
}

/** What the plugin templates bring for their own checks; it is no package of ours, so this checkout's does. */
function linkTools(): void {
  for (const name of ['@types/node', 'typescript', 'vitest']) {
    const place = join(outside, 'node_modules', name)
    mkdirSync(dirname(place), { recursive: true })
    if (!existsSync(place)) symlinkSync(join(root, 'node_modules', name), place, 'junction')
  }
}

/** Every tracked file, what is built, and the dependencies by links of their own: `lerna version` changes files in place. */
function copyRepository(): void {
  const files = run(root, 'git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0')
  for (const file of files.filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(root, file), join(copy, file))
  }
  for (const folder of workspaceFolders().filter((one) => existsSync(join(root, one, 'dist')))) {
    cpSync(join(root, folder, 'dist'), join(copy, folder, 'dist'), { recursive: true, preserveTimestamps: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  run(copy, 'git', ['init', '--quiet'])
  commit()
}

function commit(): void {
  run(copy, 'git', ['add', '--all', '--', ':!node_modules'])
  run(copy, 'git', ['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '--quiet', '--message', 'A release'])
}

/** Names and sizes of what a tarball holds; its manifest has the commit in it once it is published. */
function filesOf(tarball: Buffer): readonly string[] {
  const listed = spawnSync('tar', ['-tzvf', '-'], { input: tarball, encoding: 'utf8' }).stdout.trim().split('\n')
  expect(listed.length).toBeGreaterThan(1)
  return listed
    .map((line) => line.split(/\s+/))
    .flatMap((words) => (words.at(-1) === 'package/package.json' ? [] : [`${words.at(-1)} ${words[2]}`]))
    .toSorted()
}

function workspaceFolders(): readonly string[] {
  const folders = ['packages', 'plugins'].flatMap((group) =>
    readdirSync(join(copy, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(copy, folder, 'package.json'))),
  )
  return [...folders, 'templates']
}

function manifests(): readonly Manifest[] {
  return workspaceFolders().map((folder) => json(join(copy, folder, 'package.json')) as Manifest)
}

/** Runs to a good end and gives what was printed. The registry is asked for nothing that the cache of npm holds. */
function run(cwd: string, command: string, args: readonly string[]): string {
  const env = { ...process.env, NX_DAEMON: 'false', npm_config_prefer_offline: 'true' }
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`)
  return stdout
}
