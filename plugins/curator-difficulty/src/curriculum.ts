import type { Measured } from './measured.ts'

/** Order of one stratum, given easy first. */
export type OrderWithin = (easyFirst: readonly Measured[]) => readonly Measured[]

/**
 * Easy to hard in every stratum (or as `within` says), strata interleaved by relative rank: however the sequence is cut into steps, each part has
 * all strata in proportion, at about the same relative difficulty.
 */
export function orderCurriculum(
  samples: readonly Measured[],
  within: OrderWithin = (easyFirst) => easyFirst,
): Measured[] {
  const ranked: { readonly sample: Measured; readonly stratum: string; readonly rank: number }[] = []
  for (const [stratum, members] of strata(samples)) {
    within(members).forEach((sample, index) => ranked.push({ sample, stratum, rank: (index + 0.5) / members.length }))
  }
  return ranked.toSorted((a, b) => a.rank - b.rank || compare(a.stratum, b.stratum)).map(({ sample }) => sample)
}

/** At most `limit` of each stratum, evenly spread over its difficulties; those that stay. */
export function spread(samples: readonly Measured[], limit: number): ReadonlySet<Measured> {
  const chosen = new Set<Measured>()
  for (const members of strata(samples).values()) {
    const count = Math.min(limit, members.length)
    for (let index = 0; index < count; index += 1) {
      const sample = members[Math.floor(((index + 0.5) * members.length) / count)]
      if (sample !== undefined) chosen.add(sample)
    }
  }
  return chosen
}

/** By stratum, easy first: higher mean reward, then id. */
function strata(samples: readonly Measured[]): Map<string, Measured[]> {
  const found = new Map<string, Measured[]>()
  for (const sample of samples) {
    const members = found.get(sample.stratum) ?? []
    members.push(sample)
    found.set(sample.stratum, members)
  }
  const easyFirst = (a: Measured, b: Measured) => mean(b) - mean(a) || compare(a.id, b.id)
  for (const members of found.values()) members.sort(easyFirst)
  return found
}

function mean({ difficulty }: Measured): number {
  return difficulty?.mean ?? 0
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
