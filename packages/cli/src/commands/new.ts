import { dirname, join, relative } from 'node:path'
import { addPlugin, PLUGIN_KINDS } from '@dda-thinker/scaffold'
import type { CommandSpec } from '../terminal/command.ts'

export const newPlugin: CommandSpec = {
  name: 'new',
  summary: 'Write a plugin of your own into this project, with its test.',
  arguments: [
    { name: '<kind>', description: `One of: ${Object.keys(PLUGIN_KINDS).join(', ')}.` },
    { name: '<name>', description: 'Its name; it is written to plugins/<name>.' },
  ],
  options: [],
  examples: [['dda new reward brevity', 'plugins/brevity/index.ts, and what to put into the configuration']],
  async run(context, args) {
    const { findConfig, installCommand } = await import('@dda-thinker/config')
    const file = await findConfig(context.cwd)
    const dir = dirname(file)
    const { name, files, config, needs, test } = await addPlugin(dir, args[0] ?? '', args[1] ?? '')
    const { command, missing } = installCommand(dir, needs, true)
    const next = [...(missing.length === 0 ? [] : [command]), test]
    const shown = files.map((path) => relative(context.cwd, join(dir, path)))
    return {
      exitCode: 0,
      data: { dir, kind: args[0], name, files, config, next },
      text: `Wrote ${shown.join(', ')}\n\nUse it in ${relative(context.cwd, file)}:\n  ${config}\n\nTest it:\n${next.map((step) => `  ${step}`).join('\n')}`,
    }
  },
}
