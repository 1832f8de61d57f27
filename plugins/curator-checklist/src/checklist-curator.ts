import { counts, type CurationContext, type CurationDecision, type Curator, type Sample } from '@dda-thinker/plugin-api'
import { findItems } from './find.ts'
import type { ChecklistOptions } from './options.ts'

/** Why a sample is kept or dropped; few and fixed, so that they can be counted. */
export const REASONS = {
  kept: 'its checklist tells plans apart',
  heldOut: 'held out, passed through untried',
  failed: 'every rollout failed, so nothing was measured',
  unmeasured: 'too few answers to say anything of its checklist',
  silent: 'too few items tell plans apart',
} as const

/** Looks at checklists by what rollouts of the policy make of them. Order and checklists stay; what it finds is in the decisions. */
export function checklistCurator(options: ChecklistOptions): Curator {
  return {
    async *curate(samples, context) {
      let window: Sample[] = []
      for await (const sample of samples) {
        window.push(sample)
        if (window.length < options.window) continue
        yield* await decideAll(window, options, context)
        window = []
      }
      if (window.length > 0) yield* await decideAll(window, options, context)
    },
  }
}

/** A whole window is asked for at once: its rollouts go to the policy as one batch. */
function decideAll(
  window: readonly Sample[],
  options: ChecklistOptions,
  context: CurationContext,
): Promise<readonly CurationDecision[]> {
  context.signal.throwIfAborted()
  return Promise.all(window.map((sample) => decide(sample, options, context)))
}

async function decide(sample: Sample, options: ChecklistOptions, context: CurationContext): Promise<CurationDecision> {
  if (sample.split === 'held-out') return { sample, kept: true, reason: REASONS.heldOut }
  const rollouts = await context.tryRollouts(sample, options.rollouts)
  if (!rollouts.some(({ outcome }) => counts(outcome))) return { sample, kept: false, reason: REASONS.failed }
  const { findings, measured, informative } = findItems(sample.checklist, rollouts, options)
  // What was not measured is no reason to drop anything.
  if (measured === 0) return { sample, kept: true, reason: REASONS.unmeasured }
  const kept = informative >= options.minInformative
  return { sample, kept, reason: kept ? REASONS.kept : REASONS.silent, ...(findings.length === 0 ? {} : { findings }) }
}
