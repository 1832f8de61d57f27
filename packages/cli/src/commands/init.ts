import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DdaError } from '@dda-thinker/plugin-api'
import { type CommandSpec, flag, text } from '../terminal/command.ts'
import { version } from '../terminal/version.ts'

/** Beside the package once published, at the root of the repository before. */
const TEMPLATES = ['../../templates', '../../../../templates'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

export const init: CommandSpec = {
  name: 'init',
  summary: 'Make a project: configuration, README and package.json.',
  arguments: [{ name: '[dir]', description: 'Where to; a new or empty folder. Default: here.' }],
  options: [
    { flags: '-t, --template <name>', description: 'What to start from.', default: 'project' },
    { flags: '--name <name>', description: 'Name of the project. Default: that of the folder.' },
    { flags: '--force', description: 'Write into a folder that is not empty; files of the same name are replaced.' },
  ],
  examples: [
    ['dda init my-project', 'the embedded world: its Editor, judges and trainer; no GPU, no key'],
    ['dda init --name lab', 'in this folder, under another name'],
  ],
  async run(context, args, options) {
    const dir = resolve(context.cwd, args[0] ?? '.')
    const template = text(options, 'template') ?? 'project'
    const source = TEMPLATES.map((folder) => join(folder, template)).find((folder) => existsSync(folder))
    if (source === undefined) throw await unknownTemplate(template)
    const before = existsSync(dir) ? (await readdir(dir)).filter((name) => name !== '.git') : []
    if (before.length > 0 && !flag(options, 'force')) {
      throw new DdaError('DDA_INIT_NOT_EMPTY', `${dir} is not empty (${before.slice(0, 3).join(', ')}, ...).`, {
        next: 'Name a new folder, or add --force to write into this one.',
      })
    }
    const name = text(options, 'name') ?? basename(dir)
    await mkdir(dir, { recursive: true })
    await cp(source, dir, { recursive: true })
    const files = await fillIn(dir, await listFiles(source), { name, package: packageName(name), version: version() })
    const from = args[0] === undefined ? '' : `  cd ${args[0]}\n`
    return {
      exitCode: 0,
      data: { dir, template, name, files },
      text: `Made ${name} in ${dir}: ${files.join(', ')}\n\nNext:\n${from}  dda synthesize && dda curate && dda train && dda eval && dda report`,
    }
  },
}

async function unknownTemplate(template: string): Promise<DdaError> {
  const folder = TEMPLATES.find((path) => existsSync(path))
  const known = folder === undefined ? [] : await readdir(folder)
  return new DdaError('DDA_INIT_TEMPLATE', `There is no template \`${template}\`.`, {
    next: known.length === 0 ? 'Reinstall DDA-Thinker: its templates are missing.' : `Use one of: ${known.join(', ')}.`,
  })
}

async function listFiles(dir: string): Promise<readonly string[]> {
  return (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .toSorted()
}

/** A name that npm takes. */
function packageName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')
  return plain.replaceAll(/^-+|-+$/g, '') || 'project'
}

/** Fills in `{{name}}`, `{{package}}` and `{{version}}`, and takes the underscore off names that tools would act on in a template. */
async function fillIn(
  dir: string,
  files: readonly string[],
  values: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const written: string[] = []
  for (const file of files) {
    const target = file.replace(
      /(^|[/\\])_(?=[^/\\]+$)/,
      (_all, before: string) => before + (file.endsWith('_gitignore') ? '.' : ''),
    )
    const content = await readFile(join(dir, file), 'utf8')
    const quoted = /\.(json|ya?ml)$/.test(file)
    await writeFile(
      join(dir, file),
      content.replaceAll(/\{\{(\w+)\}\}/g, (all, key: string) => {
        const value = values[key] ?? all
        return quoted ? JSON.stringify(value).slice(1, -1) : value
      }),
    )
    if (target !== file) await rename(join(dir, file), join(dir, target))
    written.push(target)
  }
  return written
}
