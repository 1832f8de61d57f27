import { resolve } from 'node:path'
import type { LoadedConfig } from '@dda-thinker/config'
import type { Assembly } from '@dda-thinker/core'
import { errors } from '../errors.ts'
import { agreementText, costText } from '../terminal/calibration-text.ts'
import { type CommandSpec, flag, number, type OptionValues, text } from '../terminal/command.ts'
import type { CanaryReport } from '../doctor/canary-edit.ts'
import type { CalibrationReport, OpenCalibration } from '../doctor/judge-calibration.ts'
import type { EndpointCheck, RoleCheck } from '../doctor/diagnose.ts'
import type { FailureFacts } from '../doctor/failure-facts.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import type { Context } from '../terminal/output.ts'
import { loadProject, makeProgress } from '../project/session.ts'
import { createLogger } from '../terminal/logger.ts'
import type { Progress } from '../terminal/progress.ts'

export const doctor: CommandSpec = {
  name: 'doctor',
  summary: 'Check Node, the configuration and every endpoint, and make one edit twice.',
  details:
    'Reaches every endpoint of every role and lists its models; nothing is retried. The Editor makes one canary edit twice\n' +
    'with the same seed, past the cache, and the determinism found is shown beside the declared one. Exits with 3 where\n' +
    'something is out of reach or less repeatable than declared, with 2 where the configuration is wrong.',
  options: [
    { flags: '--skip-edit', description: 'Make no canary edit: it may cost money.' },
    {
      flags: '--calibration <file>',
      description:
        'Ask the judges what people have answered (`dda annotate --calibration`), and tell how far they agree.',
    },
    {
      flags: '--questions <n>',
      description: 'Questions of the calibration set asked at most, drawn with the seed of the configuration.',
      type: 'integer',
      default: '200',
    },
  ],
  examples: [
    ['dda doctor', 'before a long run'],
    ['dda doctor --skip-edit --json', 'reach the endpoints only, for scripts'],
    ['dda doctor --set editor.determinism=visual', 'whether another declaration would hold'],
    ['dda doctor --skip-edit --calibration calibration.jsonl --questions 50', 'how far the judges agree with people'],
  ],
  async run(context, _args, options) {
    const { assemble } = await import('@dda-thinker/core')
    const { diagnose, roleFailed } = await import('../doctor/diagnose.ts')
    const loaded = await loadProject(context)
    const { config, dir, file } = loaded
    const set = await openSet(context, loaded, options)
    const progress = makeProgress(context)
    const log = createLogger({
      level: context.debug ? 'debug' : 'warn',
      // What endpoints say goes into the report.
      write: (line, level) => void (level === 'debug' && progress.line(line)),
    })
    const interrupt = onInterrupt((message) => progress.line(message))
    const assembly = await assemble(loaded, { log })
    try {
      const canary = !flag(options, 'skipEdit')
      // The first Ctrl-C ends a diagnosis: there is nothing to save.
      const signal = AbortSignal.any([interrupt.stop, interrupt.signal])
      const roles = [...(await diagnose(assembly, { root: dir, signal, canary }))]
      for (const editor of Object.keys(config.eval.editors ?? {})) {
        roles.push(...(await namedEditor(context, editor, { signal, canary })))
      }
      const calibration = set === undefined ? undefined : await calibrated(context, assembly, set, progress, signal)
      const judges = calibration?.judges ?? []
      const plugins = assembly.plugins.map(({ kind, name, version }) => ({ kind, name, version }))
      const wrong =
        roles.filter(roleFailed).length + judges.filter(({ failure: failed }) => failed !== undefined).length
      return {
        exitCode: wrong > 0 ? exitCode('failure') : 0,
        data: {
          node: process.version,
          config: file,
          plugins,
          roles,
          ...(calibration === undefined ? {} : { calibration }),
        },
        text: [
          `${mark(context, true)} Node.js ${process.version}`,
          `${mark(context, true)} ${file}: ${plugins.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`,
          ...roles.flatMap((role) => roleLines(context, role)),
          ...(calibration === undefined ? [] : calibrationLines(context, calibration)),
          '',
          wrong === 0
            ? 'Nothing is wrong.'
            : `Something is wrong with ${wrong} of ${roles.length + judges.length} roles and judges.`,
        ].join('\n'),
      }
    } catch (error) {
      if (interrupt.reason() === undefined) throw error
      throw errors.make('DDA_INTERRUPTED/doctor', {}, { cause: error })
    } finally {
      interrupt.release()
      progress.finish()
      await assembly.dispose()
    }
  },
}

/** The calibration set of the command line, checked before anything is asked; absent where none is given. */
async function openSet(
  context: Context,
  loaded: LoadedConfig,
  options: OptionValues,
): Promise<OpenCalibration | undefined> {
  const file = text(options, 'calibration')
  const most = number(options, 'questions') ?? 200
  if (most < 1) throw errors.make('DDA_USAGE/questions', { questions: most })
  if (file === undefined) return undefined
  const { openCalibration } = await import('../doctor/judge-calibration.ts')
  return openCalibration(resolve(context.cwd, file), loaded, most)
}

/** How far each judge agrees with people. */
async function calibrated(
  { colors }: Context,
  assembly: Assembly,
  set: OpenCalibration,
  progress: Progress,
  signal: AbortSignal,
): Promise<CalibrationReport> {
  const { calibrateJudges } = await import('../doctor/judge-calibration.ts')
  progress.line(colors.dim(`Asks the judges ${set.items.length} of the ${set.of} questions of ${set.file}`))
  return calibrateJudges(assembly, set, signal)
}

function calibrationLines(context: Context, report: CalibrationReport): readonly string[] {
  const { judges, questions, of, uncovered, seed, least } = report
  const warning = (line: string) => `  ${context.colors.yellow('!')} ${line}`
  const drawn = questions < of ? `, drawn with seed ${seed}` : ''
  return [
    `\ncalibration: ${questions} of ${of} questions${drawn}`,
    ...judges.flatMap(({ judge, failure: failed, ...agreement }) => [
      `  ${mark(context, failed === undefined)} ${judge} ${agreementText(agreement, least)}`,
      ...(agreement.unanswered === 0 ? [] : [warning(`${agreement.unanswered} questions without an answer`)]),
      ...(failed === undefined ? [] : failure(context, '', failed)),
    ]),
    ...(uncovered === 0 ? [] : [warning(`${uncovered} questions that no judge of the configuration answers`)]),
    `    cost: ${costText(report.spending, report.cost)}`,
  ]
}

/** The checks of an Editor of `eval.editors`, under its name. */
async function namedEditor(
  context: Context,
  name: string,
  options: { readonly signal: AbortSignal; readonly canary: boolean },
): Promise<readonly RoleCheck[]> {
  const { assemble } = await import('@dda-thinker/core')
  const { diagnose } = await import('../doctor/diagnose.ts')
  const { config, dir, origins } = await loadProject(context, [], name)
  const assembly = await assemble(config, { cwd: dir, origins, only: ['editor'] })
  try {
    const roles = await diagnose(assembly, { root: dir, ...options })
    return roles.map((role) => ({ ...role, role: `editor ${name}` }))
  } finally {
    await assembly.dispose()
  }
}

function roleLines(context: Context, { role, plugin, endpoints, error, canary }: RoleCheck): readonly string[] {
  return [
    `\n${role} ${plugin}`,
    ...(error === undefined ? [] : failure(context, '', error)),
    ...(endpoints ?? []).flatMap((endpoint) => endpointLines(context, endpoint)),
    ...(canary === undefined ? [] : canaryLines(context, canary)),
  ]
}

function endpointLines(
  context: Context,
  { url, ms, models, notes = [], unproven = false, error }: EndpointCheck,
): readonly string[] {
  if (error !== undefined) return failure(context, `${url}  `, error)
  const listed = models === undefined ? '' : `: ${models.length === 0 ? 'no models' : models.join(', ')}`
  return [
    `  ${unproven ? context.colors.yellow('?') : mark(context, true)} ${url}  ${ms ?? '–'} ms${listed}`,
    ...notes.map((note) => `    ${context.colors.yellow('!')} ${note}`),
  ]
}

function canaryLines(context: Context, canary: CanaryReport): readonly string[] {
  const { declared, found, difference, seconds, source, pixels, error } = canary
  const times = seconds.map((each) => `${each.toFixed(2)} s`).join(' and ')
  const head = `canary edit of ${source}: determinism ${found ?? 'unknown'}, declared ${declared}`
  const mean = difference === undefined ? '' : `, mean difference ${difference.toFixed(2)} of 255`
  if (error !== undefined) return failure(context, `${head}${found === undefined ? '' : mean}  `, error)
  const shapes = pixels === undefined ? '' : `; ${pixels.edited} pixels from ${pixels.source}`
  return [`  ${mark(context, true)} ${head}${mean}; ${times}${shapes}`]
}

function failure(context: Context, head: string, { code, message, next }: FailureFacts): readonly string[] {
  return [
    `  ${mark(context, false)} ${head}${code}  ${message}`,
    ...(next === undefined ? [] : [`      next: ${next}`]),
  ]
}

function mark({ colors }: Context, good: boolean): string {
  return good ? colors.green('✔') : colors.red('✖')
}
