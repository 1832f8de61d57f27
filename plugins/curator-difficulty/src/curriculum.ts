import type { Sample } from '@dda-thinker/plugin-api'

/** The sub-task, within its category. */
export function stratumOf({ category, subtask }: Sample): string {
  return `${category}/${subtask ?? ''}`
}

/**
 * Easy to hard in every stratum, strata interleaved by relative rank: however the sequence is cut into steps, each part has
 * all sub-tasks in proportion, at about the same relative difficulty.
 */
export function orderCurriculum(samples: readonly Sample[]): Sample[] {
  const ranked: { readonly sample: Sample; readonly stratum: string; readonly rank: number }[] = []
  for (const [stratum, members] of strata(samples)) {
    members.forEach((sample, index) => ranked.push({ sample, stratum, rank: (index + 0.5) / members.length }))
  }
  return ranked.toSorted((a, b) => a.rank - b.rank || compare(a.stratum, b.stratum)).map(({ sample }) => sample)
}

/** At most `limit` of each stratum, evenly spread over its difficulties; the ids of those that stay. */
export function spread(samples: readonly Sample[], limit: number): ReadonlySet<string> {
  const chosen = new Set<string>()
  for (const members of strata(samples).values()) {
    const count = Math.min(limit, members.length)
    for (let index = 0; index < count; index += 1) {
      const sample = members[Math.floor(((index + 0.5) * members.length) / count)]
      if (sample !== undefined) chosen.add(sample.id)
    }
  }
  return chosen
}

/** By stratum, easy first: higher mean reward, then id. */
function strata(samples: readonly Sample[]): Map<string, Sample[]> {
  const found = new Map<string, Sample[]>()
  for (const sample of samples) {
    const members = found.get(stratumOf(sample)) ?? []
    members.push(sample)
    found.set(stratumOf(sample), members)
  }
  for (const [stratum, members] of found) {
    const easyFirst = (a: Sample, b: Sample) => mean(b) - mean(a) || compare(a.id, b.id)
    found.set(stratum, members.toSorted(easyFirst))
  }
  return found
}

function mean({ difficulty }: Sample): number {
  return difficulty?.mean ?? 0
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
