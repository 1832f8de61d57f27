import { writeFile } from 'node:fs/promises'
import type { Assembly } from '@dda-thinker/core'
import { isDdaError, type PluginKind, redact } from '@dda-thinker/plugin-api'
import type { LoadedConfig } from '@dda-thinker/config'
import type { PluginTiming, Workspace } from '@dda-thinker/runs'
import { onInterrupt, type Interrupt } from '../terminal/interrupt.ts'
import type { Context } from '../terminal/output.ts'
import { createLogger } from '../terminal/logger.ts'
import { Progress } from '../terminal/progress.ts'

/** A loaded project, its plugins and its stores, and how to end early. */
export interface Session {
  readonly loaded: LoadedConfig
  readonly assembly: Assembly
  readonly workspace: Workspace
  readonly interrupt: Interrupt
  readonly progress: Progress
}

export interface SessionOptions {
  /** Beside those of the command line. */
  readonly set?: readonly string[]
  /** Another Editor than that of the `editor` block. */
  readonly editor?: string | undefined
  readonly maxSeconds?: number | undefined
  readonly replay?: boolean
  /** Other processes may buy for the same project meanwhile. Default false. */
  readonly shared?: boolean
  /** Load plugins of these kinds only. Default: all that the configuration names. */
  readonly only?: readonly PluginKind[]
  /** Folder of the run, from its configuration; for plugins that write there. */
  readonly runDir?: (loaded: LoadedConfig) => string | Promise<string>
}

/** The configuration, with the overrides of the command line. */
export async function loadProject(
  context: Context,
  set: readonly string[] = [],
  editor?: string,
): Promise<LoadedConfig> {
  const { loadConfig } = await import('@dda-thinker/config')
  return loadConfig({ cwd: context.cwd, file: context.config, set: [...context.set, ...set], editor })
}

/** Where a project keeps its runs. */
export async function runsDirOf(context: Context): Promise<string> {
  const { loadConfig } = await import('@dda-thinker/config')
  const { projectPaths } = await import('@dda-thinker/runs')
  // The core's keys alone: looking at runs needs no plugin.
  const { config, dir } = await loadConfig({ cwd: context.cwd, file: context.config, set: context.set, check: [] })
  return projectPaths(config, dir).runsDir
}

/** Of a budget of money that could not end a run. */
export async function warnOfBudget(context: Context, { config }: LoadedConfig): Promise<void> {
  const { unpricedBudget } = await import('./unpriced-budget.ts')
  const said = unpricedBudget(config)
  if (said !== undefined) context.warn(said)
}

/** Opens a project, runs the work, and closes everything again, whatever happened. */
export async function withSession<T>(
  context: Context,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { assemble, attribute } = await import('@dda-thinker/core')
  const { openWorkspace } = await import('@dda-thinker/runs')
  const loaded = await loadProject(context, options.set, options.editor)
  await warnOfBudget(context, loaded)
  const progress = makeProgress(context)
  const log = createLogger({
    level: context.debug ? 'debug' : 'info',
    write: (line, level) => {
      if (level === 'warn') progress.aside(() => context.warn(line))
      else if (!context.quiet) progress.line(line)
    },
  })
  const assembly = await assemble(loaded, {
    log,
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.runDir === undefined ? {} : { runDir: await options.runDir(loaded) }),
  })
  const interrupt = onInterrupt((message) => progress.line(message), options.maxSeconds)
  let workspace: Workspace | undefined
  try {
    workspace = await openWorkspace(loaded.config, loaded.dir, {
      replay: options.replay ?? false,
      shared: options.shared ?? false,
    })
    return await work({ loaded, assembly, workspace, interrupt, progress })
  } catch (error) {
    const location = ownFile(error, loaded, assembly)
    throw location === undefined ? error : attribute(error, { location })
  } finally {
    interrupt.release()
    progress.finish()
    try {
      await assembly.dispose()
    } finally {
      await workspace?.close()
    }
  }
}

/** The file of the plugin at fault, where the configuration names it by a path: its author is likely the one who reads the error. */
function ownFile(error: unknown, { plugins }: LoadedConfig, assembly: Assembly): string | undefined {
  if (!isDdaError(error) || error.plugin === undefined || error.location !== undefined) return undefined
  const path = assembly.plugins.find(({ name }) => name === error.plugin)?.path
  return plugins.some((one) => one.path === path && /^\.{1,2}[/\\]|^[/\\]/.test(one.use)) ? path : undefined
}

export function makeProgress(context: Context): Progress {
  return new Progress({
    stream: context.streams.stderr,
    interactive: context.interactive,
    silent: context.json || context.quiet,
    colors: context.colors,
  })
}

/** Keeps what plugins spent in a run, as `dda plugins --run` shows it. A run that is continued adds to what it had. */
export async function recordTimings(assembly: Assembly, runDir: string): Promise<void> {
  const { readPluginTimings, runFile } = await import('@dda-thinker/runs')
  const path = runFile(runDir, 'pluginTimings')
  // Only shown to people: a file that is broken is begun anew.
  const before = (await readPluginTimings(runDir).catch(() => undefined)) ?? []
  const total = new Map<string, PluginTiming>()
  for (const timing of [...before, ...assembly.timings()]) {
    const key = `${timing.plugin} ${timing.call}`
    const known = total.get(key)
    total.set(key, { ...timing, count: timing.count + (known?.count ?? 0), ms: timing.ms + (known?.ms ?? 0) })
  }
  const rows = [...total.values()].toSorted((a, b) => b.ms - a.ms)
  await writeFile(path, redact(`${JSON.stringify(rows, undefined, 2)}\n`)).catch((error: unknown) => {
    // Whatever the command did is done and recorded.
    assembly.log.warn(`What plugins took is not kept: ${error instanceof Error ? error.message : String(error)}`)
  })
}

/** Folder of a run by its name. @throws DdaError `DDA_RUN_NAME` */
export async function runDirOf(workspace: Workspace, name: string): Promise<string> {
  const { runPath } = await import('@dda-thinker/runs')
  return runPath(workspace.paths.runsDir, name)
}

/** The command line as it was given, for a shell: it continues its run. */
export function sameCommand({ argv }: Pick<Context, 'argv'>): string {
  return ['dda', ...argv.map(shellQuote)].join(' ')
}

function shellQuote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`
}
