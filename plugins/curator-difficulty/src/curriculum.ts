/** Order of the places of one stratum, given easy first. */
export type OrderWithin = (easyFirst: Uint32Array) => Uint32Array

/**
 * Easy to hard in every stratum (or as `within` says), strata interleaved by relative rank: however the sequence is cut into steps, each part has
 * all strata in proportion, at about the same relative difficulty.
 *
 * @param strata places, easy first
 * @returns all places
 */
export function orderCurriculum(strata: readonly Uint32Array[], within: OrderWithin = (easyFirst) => easyFirst) {
  const total = strata.reduce((sum, { length }) => sum + length, 0)
  const places = new Uint32Array(total)
  const ranks = new Float64Array(total)
  const stratumOf = new Uint32Array(total)
  let filled = 0
  for (const [number, members] of strata.entries()) {
    for (const [index, place] of within(members).entries()) {
      places[filled] = place
      ranks[filled] = (index + 0.5) / members.length
      stratumOf[filled] = number
      filled += 1
    }
  }
  const order = Uint32Array.from({ length: total }, (_, at) => at)
  order.sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || (stratumOf[a] ?? 0) - (stratumOf[b] ?? 0))
  return order.map((at) => places[at] ?? 0)
}

/** At most `limit` of a stratum, evenly spread over its difficulties. */
export function spread(easyFirst: Uint32Array, limit: number): Uint32Array {
  const count = Math.min(limit, easyFirst.length)
  return Uint32Array.from(
    { length: count },
    (_, index) => easyFirst[Math.floor(((index + 0.5) * easyFirst.length) / count)] ?? 0,
  )
}
