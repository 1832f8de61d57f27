import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { errors } from './errors.ts'
import { makeColors } from './terminal/colors.ts'
import type { CommandSpec, OptionSpec, OptionValues } from './terminal/command.ts'
import { SHARED_OPTIONS } from './terminal/shared-options.ts'
import { list, text } from './terminal/command.ts'
import { COMMANDS } from './commands/index.ts'
import { EXIT_CODES, exitCode, exitCodeOf } from './terminal/exit-codes.ts'
import { type Context, type Envelope, ENVELOPE_VERSION, type ErrorReport, type Streams } from './terminal/output.ts'
import { safeStreams } from './terminal/safe-streams.ts'
import { type StandardStreams, standardStreams } from './terminal/standard-streams.ts'
import { jsonForTerminal } from './terminal/shown-text.ts'
import { untilDrained } from './terminal/until-drained.ts'
import { version } from './terminal/version.ts'

/** What commands of two words are about, by the first. */
const GROUPS: Readonly<Record<string, string>> = {
  benchmark: 'Run a benchmark, or score what was run.',
  config: 'Look at the configuration.',
  data: 'Bring samples in and out, and look at them.',
  editor: 'Install what Editors need.',
  reward: 'Look into stored rewards.',
  runs: 'Look at runs.',
  trainer: 'Install what trainers need.',
}

/**
 * Runs one command line.
 *
 * @param argv without the interpreter and the script
 * @returns the exit status
 */
export async function main(argv: readonly string[], given?: Streams): Promise<number> {
  const bare: Streams & Partial<StandardStreams> = given ?? standardStreams()
  const streams = safeStreams(bare)
  const status = await runLine(argv, streams)
  const unwritten = await bare.written?.()
  if (unwritten === undefined) return status
  const { formatError, reportError } = await import('./terminal/print-error.ts')
  streams.stderr.write(formatError(reportError(unwritten, false), makeColors(false)))
  return exitCodeOf(unwritten)
}

async function runLine(argv: readonly string[], streams: Streams): Promise<number> {
  let status = 0
  const json = argv.includes('--json')
  const program = new Command('dda')
    .description('Reinforcement learning for Thinkers that plan reasoning-driven image edits under a fixed Editor.')
    .version(version(), '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Show help.')
    .helpCommand(false)
    .showHelpAfterError('(dda --help shows what there is)')
    .addHelpText('after', rootHelp)
    .configureOutput({
      writeOut: (out) => streams.stdout(out),
      writeErr: (out) => void (json || streams.stderr.write(out)),
    })
    .exitOverride()
  for (const spec of COMMANDS) {
    const command = commandFor(program, spec)
    command.action(async (...values: unknown[]) => {
      // The last argument may be a list.
      const args = values
        .slice(0, spec.arguments?.length ?? 0)
        .flat()
        .filter((value) => typeof value === 'string')
      status = await runCommand(spec, { argv, args, options: command.opts<OptionValues>() }, streams)
    })
  }
  const words = behindCommand(argv)
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    status = exitCode('usage')
    // Commander has told people already; scripts get the envelope.
    if (json) {
      const { reportError } = await import('./terminal/print-error.ts')
      const told = errors.make('DDA_USAGE/arguments', { problem: error.message.replace(/^error: /, '') })
      print(streams, { ...failed(words[0] ?? '', status, []), error: reportError(told, false) })
    }
  }
  return status
}

/** Options that every command takes may also stand before its name, where other tools have them. */
function behindCommand(argv: readonly string[]): readonly string[] {
  let count = 0
  while (count < argv.length) {
    const [flag = ''] = (argv[count] ?? '').split('=')
    const option = SHARED_OPTIONS.find(({ flags }) => flags.split(/[ ,]+/).includes(flag))
    if (option === undefined) break
    count += option.flags.includes('<') && flag === argv[count] ? 2 : 1
  }
  // `dda --json` alone says nothing of a command.
  if (count === 0 || count >= argv.length) return argv
  const rest = argv.slice(count)
  const end = rest.indexOf('--')
  return end === -1 ? [...rest, ...argv.slice(0, count)] : rest.toSpliced(end, 0, ...argv.slice(0, count))
}

interface Given {
  /** All words of the command line. */
  readonly argv: readonly string[]
  readonly args: readonly string[]
  readonly options: OptionValues
}

async function runCommand(spec: CommandSpec, given: Given, streams: Streams): Promise<number> {
  const { args, options } = given
  const warnings: string[] = []
  const context = contextOf(spec.name, given, streams, warnings)
  try {
    const outcome = await untilDrained(() => spec.run(context, args, options))
    const { exitCode, data } = outcome
    if (context.json)
      print(streams, { dda: ENVELOPE_VERSION, command: spec.name, ok: exitCode === 0, exitCode, data, warnings })
    else if (outcome.text !== '') streams.stdout(outcome.text.endsWith('\n') ? outcome.text : `${outcome.text}\n`)
    return exitCode
  } catch (error) {
    const { formatError, reportError } = await import('./terminal/print-error.ts')
    const report = { ...reportError(error, context.debug), ...(await continuation(spec, context, error)) }
    const code = exitCodeOf(error)
    streams.stderr.write(formatError(report, context.colors))
    if (context.json) print(streams, { ...failed(spec.name, code, warnings), error: report })
    return code
  }
}

/** What goes on with a run that an error stopped. */
async function continuation(
  spec: CommandSpec,
  context: Context,
  error: unknown,
): Promise<Pick<ErrorReport, 'continue'>> {
  if (spec.continues !== true) return {}
  // These commands have loaded both long since.
  const [{ stateAfter }, { sameCommand }] = await Promise.all([
    import('@dda-thinker/runs'),
    import('./project/session.ts'),
  ])
  return stateAfter(error) === 'stopped' ? { continue: sameCommand(context) } : {}
}

function failed(
  command: string,
  exitCode: number,
  warnings: readonly string[],
): Omit<Envelope, 'error'> & { error?: ErrorReport } {
  return { dda: ENVELOPE_VERSION, command, ok: false, exitCode, warnings }
}

function print(streams: Streams, envelope: Envelope): void {
  streams.stdout(`${jsonForTerminal(JSON.stringify(envelope))}\n`)
}

function contextOf(command: string, { argv, options }: Given, streams: Streams, warnings: string[]): Context {
  const { stderr } = streams
  const { env } = process
  const plain = options['color'] === false || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  // Off a terminal `isTTY` is undefined, whatever its type says; left so, the colour library would decide by itself.
  const terminal = (stderr.isTTY as boolean | undefined) ?? false
  const interactive = terminal && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === ''
  const colors = makeColors(terminal && !plain)
  const json = options['json'] === true
  return {
    command,
    argv,
    cwd: resolve(text(options, 'cwd') ?? '.'),
    config: text(options, 'config'),
    set: list(options, 'set'),
    json,
    debug: options['debug'] === true,
    quiet: options['quiet'] === true,
    colors,
    streams,
    interactive,
    warn: (message) => {
      warnings.push(message)
      stderr.write(`${colors.yellow('!')} ${message}\n`)
    },
  }
}

/** Declares a command, below its group where its name has two words. */
function commandFor(program: Command, spec: CommandSpec): Command {
  const words = spec.name.split(' ')
  const name = words.pop() ?? spec.name
  const [group] = words
  const parent =
    group === undefined
      ? program
      : (program.commands.find((known) => known.name() === group) ?? groupFor(program, group))
  const command = parent
    .command(name, { isDefault: spec.isDefault ?? false })
    .summary(spec.summary)
    .description(spec.details === undefined ? spec.summary : `${spec.summary}\n\n${spec.details}`)
    .helpOption('-h, --help', 'Show this help.')
    .allowExcessArguments(false)
    .showHelpAfterError(`(dda ${spec.name} --help shows how)`)
  for (const { name, description } of spec.arguments ?? []) command.argument(name, description)
  for (const option of spec.options ?? []) command.addOption(optionFor(option))
  for (const option of SHARED_OPTIONS) command.addOption(optionFor(option))
  return command.addHelpText('after', exampleHelp(spec))
}

function groupFor(program: Command, group: string): Command {
  const about = GROUPS[group]
  if (about === undefined) throw new Error(`the group "${group}" of commands says nothing about itself`)
  const command = program.command(group).description(about)
  return command.helpCommand(false).action(() => command.help({ error: true }))
}

function optionFor(spec: OptionSpec): Option {
  const option = new Option(
    spec.flags,
    spec.default === undefined ? spec.description : `${spec.description} (default: ${spec.default})`,
  )
  if (spec.choices !== undefined) option.choices(spec.choices)
  if (spec.repeatable === true) {
    option.argParser((value, before: readonly string[] | undefined) => [...(before ?? []), value])
  }
  if (spec.type !== undefined) option.argParser((value) => parseNumber(value, spec))
  if (spec.hidden === true) option.hideHelp()
  return option
}

function parseNumber(value: string, { type, least = 0, most = Infinity }: OptionSpec): number {
  const number = Number(value)
  const isOne = value.trim() !== '' && (type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number))
  if (isOne && number >= least && number <= most) return number
  const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`
  throw new InvalidArgumentError(`Expected ${type === 'integer' ? 'an integer' : 'a number'} ${range}.`)
}

function exampleHelp(spec: CommandSpec): string {
  const width = Math.max(...spec.examples.map(([command]) => command.length))
  const lines = spec.examples.map(([command, what]) => `  $ ${command.padEnd(width)}  ${what}`)
  return `\nExamples:\n${lines.join('\n')}\n`
}

function rootHelp(): string {
  const codes = EXIT_CODES.map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning.replaceAll('`', '')}`)
  return `
Examples:
  $ dda init my-project    make a project: the embedded world, its Editor and judges, no GPU, no key
  $ dda synthesize         make data
  $ dda curate             measure its difficulty and order it
  $ dda train              train the Thinker; again: continue
  $ dda eval               compare no plan, base and trained on held-out samples
  $ dda report             write report.html and summary.json

Exit status:
${codes.join('\n')}
`
}
