import { createHash } from 'node:crypto'
import type { Assembly } from '@dda-thinker/core'
import { EDITOR, JUDGES, REWARD, type Sample } from '@dda-thinker/plugin-api'
import { requireChecklists } from '../data/checklist-survey.ts'
import { errors } from '../errors.ts'
import { writeOwnSamples } from '../record/own-samples.ts'
import { writeChecklists } from '../record/checklists.ts'
import type { RunEvents } from '../record/events.ts'
import { runFile } from '../record/layout.ts'
import { workOnRun } from './work-on-run.ts'
import { makeManifest } from '../record/manifest.ts'
import { claimManifest } from '../record/run-dir.ts'
import type { EvalResult, EvaluateOptions, RecordedSource } from './evaluate-options.ts'
import { EvaluationJob } from './evaluation-job.ts'
import { type Job, openJob } from './open-job.ts'
import { openBooks } from './open-books.ts'
import { warner } from './role-context.ts'

/**
 * Every sample once with every Thinker, greedily (temperature 0), recorded in the run directory. The same call again
 * continues: what is missing is made, and what failed in passing is tried again. Where nothing is left to do it returns what was found.
 *
 * @throws DdaError `DDA_RUN_LOCKED`, `DDA_RUN_CONFIG_CHANGED` (also where a Thinker's weights changed), `DDA_DISK_FULL`
 */
export async function evaluate(
  assembly: Assembly,
  options: EvaluateOptions,
  events: RunEvents = {},
): Promise<EvalResult> {
  const { runDir, samples, workspace } = options
  if (samples.length === 0) {
    throw errors.make('DDA_DATA_MISSING/held-out')
  }
  // A benchmark asks questions of its own.
  if (options.task !== 'benchmark') requireChecklists(samples)
  const warn = warner(assembly, events)
  return workOnRun(assembly, options, events, async (signal) => {
    let job: Job | undefined
    try {
      job = await openJob(assembly, { ...options, signal }, rolesFor(options), events)
      const names = options.thinkers.map(({ name }) => name)
      const data = { file: workspace.paths.dataDir, sha256: hashOf(samples), samples }
      const manifest = await makeManifest(
        assembly,
        options.task ?? 'evaluate',
        { thinkers: names, ...sourceOption(options.recorded) },
        data,
        options.printable,
        workspace.paths.root,
        options.recorded?.editor,
      )
      const evaluated = Object.fromEntries(options.thinkers.flatMap(({ name, from }) => (from ? [[name, from]] : [])))
      const full = Object.keys(evaluated).length === 0 ? manifest : { ...manifest, evaluated }
      await claimManifest(runDir, full, options.allowConfigChange ?? false, warn)
      if (options.ownChecklists === true) await writeChecklists(runDir, samples)
      if (options.task === 'benchmark') await writeOwnSamples(runDir, samples)
      await openBooks(job.ledger, runFile(runDir, 'spending'), { files: options.files, warn })
      return await new EvaluationJob(job, { ...options, ...job.signals }, events).run()
    } finally {
      await job?.ledger.close().catch(() => undefined)
    }
  })
}

/** A policy that nobody asks for a plan is not opened: that may load its weights, or install what it runs on. */
function rolesFor({ recorded, thinkers }: EvaluateOptions) {
  if (recorded?.what === 'edits') return [REWARD, JUDGES]
  return [EDITOR, REWARD, JUDGES, ...new Set(thinkers.flatMap(({ needs }) => needs))]
}

/** Goes into the manifest: another source is another run. */
function sourceOption(recorded: RecordedSource | undefined): Readonly<Record<string, string>> {
  if (recorded === undefined) return {}
  return recorded.what === 'plans' ? { plansOf: recorded.of } : { editsOf: recorded.of }
}

/** Of the samples as one JSON list. */
function hashOf(samples: Iterable<Sample>): string {
  const hash = createHash('sha256').update('[')
  let count = 0
  for (const sample of samples) hash.update(`${count++ === 0 ? '' : ','}${JSON.stringify(sample)}`)
  return hash.update(']').digest('hex')
}
