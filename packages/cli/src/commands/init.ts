import { resolve } from 'node:path'
import { scaffold, TEMPLATES } from '@dda-thinker/scaffold'
import { type CommandSpec, flag, text } from '../terminal/command.ts'

export const init: CommandSpec = {
  name: 'init',
  summary: 'Make a project: configuration, README and package.json.',
  arguments: [{ name: '[dir]', description: 'Where to; a new or empty folder. Default: here.' }],
  options: [
    { flags: '-t, --template <name>', description: 'What to start from.', default: 'project' },
    { flags: '--name <name>', description: 'Name of the project. Default: that of the folder.' },
    {
      flags: '--from <place>',
      description:
        'Where its packages come from: a folder of tarballs (`npm run pack`), or a registry. Default: npm’s.',
    },
    { flags: '--force', description: 'Write into a folder that is not empty; files of the same name are replaced.' },
  ],
  examples: [
    ['dda init my-project', TEMPLATES.project.summary],
    ['dda init --name lab', 'in this folder, under another name'],
  ],
  async run(context, args, options) {
    const dir = resolve(context.cwd, args[0] ?? '.')
    const template = text(options, 'template') ?? 'project'
    const from = text(options, 'from')
    const { name, files, next } = await scaffold({
      template,
      dir,
      name: text(options, 'name'),
      from: from === undefined || /^https?:/.test(from) ? from : resolve(context.cwd, from),
      force: flag(options, 'force'),
    })
    const steps = [...(args[0] === undefined ? [] : [`cd ${args[0]}`]), ...next]
    return {
      exitCode: 0,
      data: { dir, template, name, files },
      text: `Made ${name} in ${dir}: ${files.join(', ')}\n\nNext:\n${steps.map((step) => `  ${step}`).join('\n')}`,
    }
  },
}
