import { rm } from 'node:fs/promises'
import { temporaryFolder } from '@dda-thinker/plugin-api'
import type { CommandSpec, OptionValues } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { ROW_OPTIONS, rowSettings } from '../project/imported-rows.ts'
import { withSession } from '../project/session.ts'

/** Rows that are listed; all are counted. */
const LISTED = 200

interface BadRow {
  /** `file:row`, rows counted from 1. */
  readonly where: string
  readonly reason: string
  readonly detail?: string
}

/** What was looked at, and what is wrong with it. */
interface Validation {
  /** Rows that are sound, or became samples. */
  readonly sound: number
  readonly withoutChecklist?: number
  readonly problems: Readonly<Record<string, number>>
  readonly rows: readonly BadRow[]
}

export const dataValidate: CommandSpec = {
  name: 'data validate',
  summary: 'List the rows that are wrong, each with its reason.',
  details:
    'Without files it looks at the samples of the project and their pictures; with files at what `dda data import` would make of them, and changes nothing.',
  arguments: [{ name: '[files...]', description: 'Files or folders of rows that are not imported yet.' }],
  options: ROW_OPTIONS,
  examples: [
    ['dda data validate', 'every line of samples.jsonl; status 1 where one is wrong'],
    ['dda data validate rows.parquet', 'before it is imported'],
  ],
  async run(context, files, options) {
    return outcome(await (files.length === 0 ? ofProject(context) : ofFiles(context, files, options)))
  },
}

function ofProject(context: Context): Promise<Validation> {
  return withSession(context, { only: [] }, async ({ workspace }) => {
    const { findData, validateSamples } = await import('@dda-thinker/runs')
    const { paths, images } = workspace
    const rows: BadRow[] = []
    await findData(paths)
    const { sound, withoutChecklist, problems } = await validateSamples(paths.samples, images, (line) => {
      if (rows.length < LISTED) rows.push(line)
    })
    return { sound, withoutChecklist, problems, rows }
  })
}

/** Imports into a folder that is thrown away. */
async function ofFiles(context: Context, files: readonly string[], options: OptionValues): Promise<Validation> {
  const folder = await temporaryFolder('dda-validate')
  try {
    const set = [...rowSettings(context.cwd, files, options), `data.dir=${JSON.stringify(folder)}`]
    return await withSession(context, { set, only: ['synthesizer'] }, async ({ assembly, workspace, interrupt }) => {
      const { synthesize } = await import('@dda-thinker/runs')
      const { readLines } = await import('@dda-thinker/store')
      const { samples, setAside } = await synthesize(assembly, { workspace, allowsNone: true, ...signals(interrupt) })
      const rows: BadRow[] = []
      for await (const row of readLines<BadRow>(workspace.paths.setAside)) {
        if (rows.length === LISTED) break
        rows.push(row)
      }
      return { sound: samples, problems: setAside, rows }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function signals({ stop, signal }: { readonly stop: AbortSignal; readonly signal: AbortSignal }) {
  return { stop, signal }
}

function outcome(data: Validation): Outcome {
  const { sound, withoutChecklist = 0, problems, rows } = data
  const wrong = Object.values(problems).reduce((sum, count) => sum + count, 0)
  const lines = rows.map(
    ({ where, reason, detail }) => `${where}: ${reason}${detail === undefined ? '' : `: ${detail}`}`,
  )
  const counts = Object.entries(problems)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `  ${count}: ${reason}`)
  const text = [
    ...lines,
    ...(wrong > rows.length ? [`… and ${wrong - rows.length} more`] : []),
    `${sound} rows are sound${withoutChecklist === 0 ? '' : `, ${withoutChecklist} of them without a checklist`}; ${wrong} problems`,
    ...counts,
  ]
  return { exitCode: wrong === 0 ? 0 : exitCode('below'), data, text: text.join('\n') }
}
