import { once } from 'node:events'
import type { FakeServer, PluginKind } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { type CommandSpec, number, text } from '../terminal/command.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import type { Context } from '../terminal/output.ts'
import { makeProgress } from '../project/session.ts'

const HOST = '127.0.0.1'

export const fake: CommandSpec = {
  name: 'fake',
  summary: 'Run a stand-in for the server of a plugin, until Ctrl-C.',
  details:
    'Speaks as the real server does, without a model: an Editor paints stripes, a Thinker writes plans of a few words, a judge\n' +
    'compares bytes. For trying a configuration, or a whole run, before its servers are up. Needs no configuration where a\n' +
    'plugin is named.',
  arguments: [
    { name: '<kind>', description: 'editor, thinker or judge.' },
    { name: '[plugin]', description: 'As `use` names it. Default: that of the configuration.' },
  ],
  options: [
    { flags: '--port <number>', type: 'integer', description: 'Where to listen.', default: 'any that is free' },
    { flags: '--host <name>', description: 'Interface to listen on.', default: HOST },
  ],
  examples: [
    ['dda fake editor openai --port 8001', "an Editor with OpenAI's image edit route"],
    ['dda fake judge --port 8002', 'what the judge of the configuration calls'],
  ],
  async run(context, [kind = '', use], options) {
    const { loadPlugin, PLUGIN_KINDS } = await import('@dda-thinker/config')
    const known = PLUGIN_KINDS.find((one) => one === kind)
    if (known === undefined) throw errors.make('DDA_USAGE/fake-kind', { kind, kinds: PLUGIN_KINDS.join(', ') })
    const found = await loadPlugin(
      use === undefined ? await configured(context, known) : { use, kind: known, dir: context.cwd },
    )
    const { plugin } = found
    if (plugin.fake === undefined) throw errors.make('DDA_FAKE/none', { plugin: plugin.name })
    const interrupt = onInterrupt(() => undefined)
    const address = { host: text(options, 'host') ?? HOST, port: number(options, 'port') ?? 0 }
    try {
      const server = await plugin.fake(address).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause)
        throw errors.make('DDA_FAKE/address', { host: address.host, port: address.port, why }, { cause })
      })
      await serve(context, { kind: known, use: found.use, server, stop: interrupt.stop })
      return { exitCode: 0, data: { plugin: plugin.name, url: server.url, options: server.options }, text: 'Stopped.' }
    } finally {
      interrupt.release()
    }
  },
}

async function configured(context: Context, kind: PluginKind) {
  const { blocksOf, loadConfig } = await import('@dda-thinker/config')
  // Of the keys alone: other plugins need not be installed.
  const { config, dir } = await loadConfig({ cwd: context.cwd, file: context.config, set: context.set, check: [] })
  const block = blocksOf(config).find(({ key }) => key.kind === kind)
  if (block === undefined) throw errors.make('DDA_FAKE/which', { kind })
  return { use: block.use, kind, dir }
}

interface Served {
  readonly kind: PluginKind
  readonly use: string
  readonly server: FakeServer
  readonly stop: AbortSignal
}

async function serve(context: Context, { kind, use, server, stop }: Served): Promise<void> {
  const progress = makeProgress(context)
  try {
    progress.line(`${server.url} is up; Ctrl-C ends it. In a configuration:`)
    for (const line of block(kind, { use, ...server.options })) progress.line(line)
    if (!stop.aborted) await once(stop, 'abort')
  } finally {
    await server.close()
  }
}

/** As a configuration says it; what JSON writes is YAML. */
function block(kind: PluginKind, options: Readonly<Record<string, unknown>>): readonly string[] {
  const entries = Object.entries(options).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  // A list of one, where there may be several.
  const first = kind === 'judge' ? '  - ' : '  '
  return [`${kind}:`, ...entries.map((entry, i) => (i === 0 ? first : ' '.repeat(first.length)) + entry)]
}
