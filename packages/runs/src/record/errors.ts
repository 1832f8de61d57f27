import { DdaError, type Sample, type Split } from '@dda-thinker/plugin-api'

export function noSamples(split: Split, file: string): DdaError {
  return new DdaError('DDA_DATA_MISSING', `${file} holds no samples of the ${split} split`, {
    location: file,
    next: `Ask for some with synthesize.count.${split} in the config and run \`dda synthesize\` again.`,
  })
}

/** Samples may come without checklists, but nothing can be judged of them. */
export function requireChecklists(samples: readonly Sample[]): void {
  const bare = samples.filter(({ checklist }) => checklist.length === 0)
  if (bare.length === 0) return
  throw new DdaError(
    'DDA_CHECKLIST_MISSING',
    `${bare.length} of ${samples.length} samples have no checklist, so nothing can be judged: ${bare[0]?.id}`,
    {
      stage: 'judge',
      next: 'Give each a checklist (a column `checklist`, or in samples.jsonl) and run `dda synthesize` again, or use samples that have one.',
    },
  )
}

export function noDemonstrations(file: string): DdaError {
  return new DdaError('DDA_NO_DEMONSTRATIONS', `No sample of ${file} has a demonstration to imitate`, {
    location: file,
    next: 'Use a synthesizer that writes demonstrations, or train by reinforcement alone.',
  })
}

export function noWarmStart(plugin: string): DdaError {
  return new DdaError('DDA_NO_WARM_START', `The trainer ${plugin} offers no supervised warm start`, {
    plugin,
    next: 'Train without `--stage sft`, or choose a trainer that offers one.',
  })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : JSON.stringify(error)
}
