import type { PluginKind } from '@dda-thinker/plugin-api'
import type { CommandSpec } from '../terminal/command.ts'
import { pluginCall } from '../project/plugin-call.ts'
import { makeProgress } from '../project/session.ts'
import { createLogger } from '../terminal/logger.ts'

/** `dda <kind> install <plugin>`: calls the `install` of a plugin. */
function installCommand(
  kind: PluginKind,
  { article, examples }: { readonly article: string; readonly examples: CommandSpec['examples'] },
): CommandSpec {
  return {
    name: `${kind} install`,
    summary: `Install what ${article} needs beside its package, for example a Python environment.`,
    details:
      'Needs no configuration. What is there already is kept and reused. An environment with PyTorch takes some gigabytes and ' +
      'minutes, once.',
    arguments: [{ name: 'plugin', description: `The ${kind}, as \`${kind}.use\` names it.` }],
    examples,
    async run(context, [use = '']) {
      const { loadPlugin } = await import('@dda-thinker/config')
      const { plugin, path } = await loadPlugin({ use, kind, dir: context.cwd })
      if (plugin.install === undefined) {
        const text = `${plugin.name} needs nothing beside its package.`
        return { exitCode: 0, data: { plugin: plugin.name, path, installed: [] }, text }
      }
      const progress = makeProgress(context)
      const log = createLogger({
        level: context.debug ? 'debug' : 'info',
        write: (line, level) => (level === 'warn' ? context.warn(line) : progress.line(line)),
      })
      const installing = plugin.install({ onLine: (line) => progress.line(line), log })
      const installed = await pluginCall(plugin.name, 'install', installing)
      return { exitCode: 0, data: { plugin: plugin.name, path, installed }, text: installed.join('\n') }
    },
  }
}

export const trainerInstall = installCommand('trainer', {
  article: 'a trainer',
  examples: [['dda trainer install torch', 'the Python environment of the PyTorch trainer, shared with other plugins']],
})

export const editorInstall = installCommand('editor', {
  article: 'an Editor',
  examples: [['dda editor install diffusers', 'the same Python environment, for pipelines of diffusers']],
})
