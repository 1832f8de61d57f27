import { didYouMean, nearest } from '@dda-thinker/config'
import { errors } from '../errors.ts'

export interface Orderable {
  /** Name of the plugin that taps: its block's `id`, or else its own. */
  readonly name: string
  /** Other names it answers to: its own, where its block has an `id`. Default: none. */
  readonly aliases?: readonly string[]
  readonly order: 'pre' | 'normal' | 'post'
  readonly before: readonly string[]
  readonly after: readonly string[]
}

const RANK = { pre: 0, normal: 1, post: 2 } as const

export interface OrderOptions {
  /** Some plugins of the config were left unloaded, so a name that no tap has may be one of theirs. */
  readonly lenient?: boolean
}

/**
 * The final order of a hook's taps: `before` and `after` are kept whatever else is said; among taps they leave free, `pre`
 * comes before `normal` before `post`, and then config order.
 *
 * @param taps in config order
 * @throws DdaError `DDA_HOOK_ORDER_UNKNOWN` for a name that taps nothing here, `DDA_HOOK_ORDER_LOOP` naming the loop
 */
export function orderTaps<T extends Orderable>(
  hook: string,
  taps: readonly T[],
  options: OrderOptions = {},
): readonly T[] {
  const names = new Set(taps.flatMap(namesOf))
  const followers = taps.map(() => new Set<number>())
  taps.forEach((tap, index) => {
    for (const relation of ['before', 'after'] as const) {
      for (const other of tap[relation]) {
        if (!names.has(other)) {
          if (options.lenient === true) continue
          const meant = didYouMean(nearest(other, names))
          const holes = { tap: tap.name, hook, relation, other, didYouMean: meant }
          throw errors.make('DDA_HOOK_ORDER_UNKNOWN', holes, { plugin: tap.name, hook })
        }
        taps.forEach((peer, peerIndex) => {
          if (!namesOf(peer).includes(other)) return
          if (relation === 'before') followers[index]?.add(peerIndex)
          else followers[peerIndex]?.add(index)
        })
      }
    }
  })
  return sort(hook, taps, followers)
}

function sort<T extends Orderable>(
  hook: string,
  taps: readonly T[],
  followers: readonly ReadonlySet<number>[],
): readonly T[] {
  const waiting = new Set(taps.keys())
  const sorted: T[] = []
  while (waiting.size > 0) {
    const free = [...waiting].filter((index) => ![...waiting].some((other) => followers[other]?.has(index) === true))
    const next = free.toSorted((a, b) => rank(taps[a]) - rank(taps[b]) || a - b)[0]
    if (next === undefined) {
      const loop = findLoop(waiting, followers).map((index) => taps[index]?.name ?? '')
      throw errors.make('DDA_HOOK_ORDER_LOOP', { hook, loop: loop.join(' before ') }, { hook })
    }
    waiting.delete(next)
    const tap = taps[next]
    if (tap !== undefined) sorted.push(tap)
  }
  return sorted
}

function namesOf(tap: Orderable): readonly string[] {
  return [tap.name, ...(tap.aliases ?? [])]
}

function rank(tap: Orderable | undefined): number {
  return RANK[tap?.order ?? 'normal']
}

/** Every waiting tap has a waiting predecessor, so walking back must return to a place it has been. */
function findLoop(waiting: ReadonlySet<number>, followers: readonly ReadonlySet<number>[]): readonly number[] {
  const path: number[] = []
  let at = [...waiting][0] ?? 0
  while (!path.includes(at)) {
    path.push(at)
    const here = at
    at = [...waiting].find((other) => followers[other]?.has(here) === true) ?? here
  }
  return [...path.slice(path.indexOf(at)), at].toReversed()
}
