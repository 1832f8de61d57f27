import type { CommandSpec } from '../terminal/command.ts'
import { loadProject, warnOfBudget } from '../project/session.ts'
import { padEnd, widthOf } from '../terminal/text-width.ts'

export const configPrint: CommandSpec = {
  name: 'config print',
  summary: 'Show every value of the configuration and where it comes from.',
  details: 'Values that name environment variables are shown as they were written.',
  examples: [
    ['dda config print', 'all of it'],
    ['dda config print --set train.steps=10', 'with an override'],
  ],
  async run(context) {
    const { formatOrigin, formatPath } = await import('@dda-thinker/config')
    const { file, origins } = await loadProject(context)
    const values = origins.entries().map(({ path, value, origin }) => ({
      path: formatPath(path),
      value,
      origin: formatOrigin(origin, context.cwd),
    }))
    const lines = values.map(({ path, value }) => `${path}: ${JSON.stringify(value)}`)
    const width = Math.min(60, Math.max(...lines.map(widthOf)))
    const { dim } = context.colors
    return {
      exitCode: 0,
      data: { file, values },
      text: lines.map((line, i) => `${padEnd(line, width)}  ${dim(`# ${values[i]?.origin}`)}`).join('\n'),
    }
  },
}

export const configSchemaCommand: CommandSpec = {
  name: 'config schema',
  summary: 'Print the JSON Schema of the configuration, with the options of the plugins it names.',
  examples: [
    ['dda config schema > dda.schema.json', 'for completion: `# yaml-language-server: $schema=dda.schema.json`'],
  ],
  async run(context) {
    const { configSchema } = await import('@dda-thinker/config')
    const { plugins } = await loadProject(context)
    const schema = configSchema(plugins)
    return { exitCode: 0, data: schema, text: JSON.stringify(schema, undefined, 2) }
  },
}

export const configCheck: CommandSpec = {
  name: 'config check',
  summary: 'Check the configuration and set up every plugin it names, without running anything.',
  details:
    'Also told is what the trainer refuses of the reward and of the settings of a training. Nothing is opened, and no data is read.',
  examples: [['dda config check', 'all problems at once, each with its place']],
  async run(context) {
    const { assemble } = await import('@dda-thinker/core')
    const { checkTraining } = await import('@dda-thinker/runs')
    const loaded = await loadProject(context)
    await warnOfBudget(context, loaded)
    const { file } = loaded
    const assembly = await assemble(loaded)
    const plugins = assembly.plugins.map(({ kind, name }) => ({ kind, name }))
    try {
      await checkTraining(assembly)
    } finally {
      await assembly.dispose()
    }
    return {
      exitCode: 0,
      data: { file, plugins },
      text: `${file} is sound: ${plugins.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`,
    }
  },
}
