import { resolve } from 'node:path'
import type { Assembly } from '@dda-thinker/core'
import { errors } from '../errors.ts'
import { type CommandSpec, flag, text } from '../terminal/command.ts'
import { withInterval } from '../terminal/table.ts'
import type { CanaryReport } from '../doctor/canary-edit.ts'
import type { CalibrationReport } from '../doctor/judge-calibration.ts'
import type { EndpointCheck, RoleCheck } from '../doctor/diagnose.ts'
import type { FailureFacts } from '../doctor/failure-facts.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import type { Context } from '../terminal/output.ts'
import { loadProject, makeProgress } from '../project/session.ts'
import { createLogger } from '../terminal/logger.ts'

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
  ],
  examples: [
    ['dda doctor', 'before a long run'],
    ['dda doctor --skip-edit --json', 'reach the endpoints only, for scripts'],
    ['dda doctor --set editor.determinism=visual', 'whether another declaration would hold'],
  ],
  async run(context, _args, options) {
    const { assemble } = await import('@dda-thinker/core')
    const { diagnose, roleFailed } = await import('../doctor/diagnose.ts')
    const loaded = await loadProject(context)
    const { config, dir, file } = loaded
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
      const calibration = await calibrated(context, assembly, dir, text(options, 'calibration'), signal)
      const plugins = assembly.plugins.map(({ kind, name, version }) => ({ kind, name, version }))
      const wrong =
        roles.filter(roleFailed).length + (calibration ?? []).filter(({ error }) => error !== undefined).length
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
          ...(calibration ?? []).flatMap((report) => calibrationLines(context, report)),
          '',
          wrong === 0
            ? 'Nothing is wrong.'
            : `Something is wrong with ${wrong} of ${roles.length + (calibration?.length ?? 0)} roles and judges.`,
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

/** How far each judge agrees with people; absent where no set is given. */
async function calibrated(
  context: Context,
  assembly: Assembly,
  dir: string,
  file: string | undefined,
  signal: AbortSignal,
): Promise<readonly CalibrationReport[] | undefined> {
  if (file === undefined) return undefined
  const { readCalibration } = await import('@dda-thinker/runs')
  const { calibrateJudges } = await import('../doctor/judge-calibration.ts')
  const items = await readCalibration(resolve(context.cwd, file))
  if (items.length === 0) throw errors.make('DDA_USAGE/calibration', { file })
  return calibrateJudges(assembly, dir, items, signal, assembly.config.eval.confidence)
}

function calibrationLines(context: Context, report: CalibrationReport): readonly string[] {
  const { plugin, count, raw, kappa, sensitivity, specificity, failed, error } = report
  const rate = ({ value, low, high }: CalibrationReport['raw']) => withInterval(value, low, high)
  const beyond = kappa === undefined ? '' : `, kappa ${kappa.toFixed(2)}`
  return [
    `\ncalibration of ${plugin}`,
    `  ${mark(context, true)} agrees with people on ${rate(raw)} of ${count} questions${beyond}`,
    `    passes found ${rate(sensitivity)}, fails found ${rate(specificity)}`,
    ...(failed === 0 ? [] : [`    ${context.colors.yellow('!')} ${failed} questions without an answer`]),
    ...(error === undefined ? [] : failure(context, '', error)),
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
  const { declared, found, difference, seconds, source, error } = canary
  const times = seconds.map((each) => `${each.toFixed(2)} s`).join(' and ')
  const head = `canary edit of ${source}: determinism ${found ?? 'unknown'}, declared ${declared}`
  const mean = difference === undefined ? '' : `, mean difference ${difference.toFixed(2)} of 255`
  if (error !== undefined) return failure(context, `${head}${found === undefined ? '' : mean}  `, error)
  return [`  ${mark(context, true)} ${head}${mean}; ${times}`]
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
