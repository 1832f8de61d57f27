import { errors } from '../errors.ts'
import { type CommandSpec, text } from '../terminal/command.ts'
import type { PluginTiming } from '@dda-thinker/runs'
import { loadProject, runsDirOf } from '../project/session.ts'
import type { Context } from '../terminal/output.ts'
import { formatTable } from '../terminal/table.ts'

export const plugins: CommandSpec = {
  name: 'plugins',
  summary: 'List the plugins of the configuration, the order of their hooks, and what a run spent in them.',
  options: [{ flags: '--run <id>', description: 'Add the calls and times of a run.' }],
  examples: [
    ['dda plugins', 'what is loaded and from where'],
    ['dda plugins --run train-1a2b3c4d', 'and what it cost'],
  ],
  async run(context, _args, options) {
    const { assemble } = await import('@dda-thinker/core')
    const { HOOK_NAMES } = await import('@dda-thinker/plugin-api')
    const assembly = await assemble(await loadProject(context))
    const loaded = assembly.plugins
    const hooks = Object.fromEntries(HOOK_NAMES.map((name) => [name, assembly.hookOrder(name)]))
    await assembly.dispose()
    const run = text(options, 'run')
    const timings = run === undefined ? undefined : await timingsOf(context, run)
    const sections = [
      formatTable(
        [{ title: 'kind' }, { title: 'plugin' }, { title: 'version' }, { title: 'from' }],
        loaded.map(({ kind, name, version, path }) => [kind, name, version ?? '–', path]),
      ),
      formatTable(
        [{ title: 'hook' }, { title: 'taps, in the order in which they are called' }],
        Object.entries(hooks).map(([name, taps]) => [name, taps.length === 0 ? '–' : taps.join(' → ')]),
      ),
      ...(timings === undefined
        ? []
        : [
            formatTable(
              [
                { title: 'plugin' },
                { title: 'call' },
                { title: 'calls', align: 'right' },
                { title: 'seconds', align: 'right' },
              ],
              timings.map(({ plugin, call, count, ms }) => [plugin, call, String(count), (ms / 1000).toFixed(2)]),
            ),
          ]),
    ]
    return {
      exitCode: 0,
      data: { plugins: loaded, hooks, ...(timings === undefined ? {} : { timings }) },
      text: sections.join('\n\n'),
    }
  },
}

async function timingsOf(context: Context, run: string): Promise<readonly PluginTiming[]> {
  const { readPluginTimings, runPath } = await import('@dda-thinker/runs')
  const runDir = runPath(await runsDirOf(context), run)
  const found = await readPluginTimings(runDir)
  if (found === undefined) throw errors.make('DDA_RUN_MISSING/no-spending', { runDir })
  return found
}
