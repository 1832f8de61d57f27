import { deriveSeed } from '@dda-thinker/plugin-api'

/**
 * Seed of the Editor for a sample. All members of a group share it, so reward differences come from the plan; all steps
 * share it, so that an identical plan is an identical edit and is bought once.
 */
export function editorSeed(run: number, sampleId: string): number {
  return deriveSeed('edit', run, sampleId)
}
