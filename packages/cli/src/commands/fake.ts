import { once } from 'node:events'
import { type FakeAddress, isDdaError, type PluginKind } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { type CommandSpec, number, type OptionValues, text } from '../terminal/command.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import type { Context } from '../terminal/output.ts'
import { pluginCall } from '../project/plugin-call.ts'
import { makeProgress } from '../project/session.ts'

const HOST = '127.0.0.1'
/** Of seven kinds of fault: one answer in seven is spoilt. */
const SHARE = 0.02

export const fake: CommandSpec = {
  name: 'fake',
  summary: 'Run a stand-in for the server of a plugin, until Ctrl-C.',
  details:
    'Speaks as the real server does, without a model: an Editor paints stripes, a Thinker writes plans of a few words, a judge\n' +
    'compares bytes. For trying a configuration, or a whole run, before its servers are up. Needs no configuration where a\n' +
    'plugin is named.',
  arguments: [
    { name: '<kind>', description: 'editor, thinker or judge; or proxy, which spoils answers of a server on the way.' },
    { name: '[plugin]', description: 'As `use` names it. Default: that of the configuration.' },
  ],
  options: [
    {
      flags: '--port <number>',
      type: 'integer',
      most: 65_535,
      description: 'Where to listen.',
      default: 'any that is free',
    },
    { flags: '--host <name>', description: 'Interface to listen on.', default: HOST },
    { flags: '--to <url>', description: 'For a proxy: base URL of the server behind it.' },
    {
      flags: '--share <number>',
      type: 'number',
      description: 'For a proxy: chance of each fault.',
      default: String(SHARE),
    },
  ],
  examples: [
    ['dda fake editor openai --port 8001', "an Editor with OpenAI's image edit route"],
    ['dda fake judge --port 8002', 'what the judge of the configuration calls'],
    ['dda fake proxy --to http://127.0.0.1:8001/v1 --port 8003', 'the same server, with failures of every kind'],
  ],
  async run(context, [kind = '', use], options) {
    const address = { host: text(options, 'host') ?? HOST, port: number(options, 'port') ?? 0 }
    const start = kind === 'proxy' ? await proxy(options) : await standIn(context, kind, use)
    const interrupt = onInterrupt(() => undefined)
    try {
      const { server, data, lines } = await start(address).catch((cause: unknown) => {
        if (isDdaError(cause)) throw cause
        const why = cause instanceof Error ? cause.message : String(cause)
        throw errors.make('DDA_FAKE/address', { host: address.host, port: address.port, why }, { cause })
      })
      await serve(context, server, lines, interrupt.stop)
      return { exitCode: 0, data: { ...data, url: server.url }, text: 'Stopped.' }
    } finally {
      interrupt.release()
    }
  },
}

/** A server that is up, and what there is to say of it. */
interface Started {
  readonly server: { readonly url: string; close(): Promise<void> }
  readonly data: object
  readonly lines: readonly string[]
}

type Start = (address: FakeAddress) => Promise<Started>

async function standIn(context: Context, given: string, named: string | undefined): Promise<Start> {
  const { loadPlugin, PLUGIN_KINDS } = await import('@dda-thinker/config')
  const kind = PLUGIN_KINDS.find((one) => one === given)
  if (kind === undefined) {
    throw errors.make('DDA_USAGE/fake-kind', { kind: given, kinds: [...PLUGIN_KINDS, 'proxy'].join(', ') })
  }
  const { plugin, use } = await loadPlugin(
    named === undefined ? await configured(context, kind) : { use: named, kind, dir: context.cwd },
  )
  if (plugin.fake === undefined) throw errors.make('DDA_FAKE/none', { plugin: plugin.name })
  const start = plugin.fake.bind(plugin)
  return async (address) => {
    const up = await pluginCall(plugin.name, 'fake', start(address))
    const { options, url } = up
    const server = { url, close: () => pluginCall(plugin.name, 'fake.close', up.close()) }
    return { server, data: { plugin: plugin.name, options }, lines: block(kind, { use, ...options }) }
  }
}

async function configured(context: Context, kind: PluginKind) {
  const { blocksOf, loadConfig } = await import('@dda-thinker/config')
  // Of the keys alone: other plugins need not be installed.
  const { config, dir } = await loadConfig({ cwd: context.cwd, file: context.config, set: context.set, check: [] })
  const found = blocksOf(config).find(({ key }) => key.kind === kind)
  if (found === undefined) throw errors.make('DDA_FAKE/which', { kind })
  return { use: found.use, kind, dir }
}

async function proxy(options: OptionValues): Promise<Start> {
  const target = text(options, 'to') ?? ''
  const share = number(options, 'share') ?? SHARE
  if (!URL.canParse(target)) throw errors.make('DDA_USAGE/fake-to', { target })
  const { FAULTS, startFaultProxy } = await import('@dda-thinker/testkit')
  const names = Object.keys(FAULTS)
  if (!(share >= 0 && share * names.length <= 1)) {
    throw errors.make('DDA_USAGE/fake-share', { share, most: (1 / names.length).toFixed(3) })
  }
  return async (address) => {
    const server = await startFaultProxy({ target, share, ...address })
    return {
      server,
      data: { to: target, faults: names, share },
      lines: [`It stands before ${target}; of a hundred answers it spoils ${Math.round(100 * share * names.length)}.`],
    }
  }
}

async function serve(
  context: Context,
  server: Started['server'],
  lines: readonly string[],
  stop: AbortSignal,
): Promise<void> {
  const progress = makeProgress(context)
  try {
    progress.line(`${server.url} is up; Ctrl-C ends it.`)
    for (const line of lines) progress.line(line)
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
