import type { CurateResult } from '@dda-thinker/runs'
import { causesTable } from '../terminal/causes-table.ts'
import { type CommandSpec, number } from '../terminal/command.ts'
import { type ExitCode, exitCode } from '../terminal/exit-codes.ts'
import { showProgress } from '../terminal/events.ts'
import { sameCommand, withSession } from '../project/session.ts'
import { formatTable } from '../terminal/table.ts'

/** Ids that are printed; `--json` has them all. */
const NAMED = 20

export const curate: CommandSpec = {
  name: 'curate',
  summary: 'Decide which samples to keep and in which order to learn them.',
  details:
    'Runs the curators of the configuration; one may try rollouts of the Thinker to measure how hard a sample is. Where such\n' +
    'rollouts fail in passing (a time-out, a rate limit, a server’s error, a lost connection, a service that is not to be had), their samples are not measured:\n' +
    'the curated file of before stays, and the same command tries those again.',
  options: [
    {
      flags: '--max-unmeasured <fraction>',
      description: 'Curate although up to this fraction of the tried samples was not measured.',
      type: 'number',
      default: '0',
    },
  ],
  examples: [['dda curate', 'writes curated.jsonl and the decisions with their reasons beside it']],
  run: (context, _args, options) =>
    withSession(context, {}, async ({ assembly, workspace, interrupt, progress }) => {
      const { curate } = await import('@dda-thinker/runs')
      const { stop, signal } = interrupt
      const given = { workspace, stop, signal, maxUnmeasured: number(options, 'maxUnmeasured') ?? 0 }
      const data = await curate(assembly, given, showProgress(context, progress))
      progress.finish()
      const text = [...outcome(data), ...notMeasured(data), causesTable({ curate: data.causes })]
      const continued = data.state === 'partial' ? [`Continue with: ${sameCommand(context)}`] : []
      return {
        exitCode: statusOf(data, interrupt.reason() !== undefined),
        data,
        text: [...text.filter((part) => part !== ''), ...continued].join('\n\n'),
      }
    }),
}

function statusOf({ state }: CurateResult, isInterrupted: boolean): ExitCode {
  if (isInterrupted) return exitCode('interrupted')
  return state === 'partial' ? exitCode('partial') : 0
}

function outcome({ state, kept, dropped, reasons, file }: CurateResult): readonly string[] {
  if (state === 'partial') return [`Nothing is curated: ${file} is as it was.`]
  const rows = Object.entries(reasons).map(([reason, count]) => [reason, String(count)])
  const table = formatTable([{ title: 'reason' }, { title: 'samples', align: 'right' }], rows)
  return [`Kept ${kept} samples, dropped ${dropped}: ${file}`, ...(rows.length > 0 ? [table] : [])]
}

function notMeasured({ unmeasured }: CurateResult): readonly string[] {
  if (unmeasured.length === 0) return []
  const more = unmeasured.length > NAMED ? `, and ${unmeasured.length - NAMED} more` : ''
  return [`Not measured (${unmeasured.length}): ${unmeasured.slice(0, NAMED).join(', ')}${more}`]
}
