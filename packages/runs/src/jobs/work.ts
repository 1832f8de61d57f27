import type { Assembly, Engine, Ledger } from '@dda-thinker/core'
import type { CallsAtWork, Work } from '../record/events.ts'

/** What a job is at work on at this moment: calls of its plugins, and what the engine, if it has one by now, lets wait. */
export function workOf(assembly: Assembly, ledger: Ledger, engine: Engine | undefined): Work {
  const calls = new Map<string, CallsAtWork>()
  const at = (plugin: string, call: string) =>
    calls.get(`${plugin}\0${call}`) ?? { plugin, call, running: 0, waiting: 0, oldest: 0 }
  const set = (entry: CallsAtWork) => calls.set(`${entry.plugin}\0${entry.call}`, entry)
  for (const { plugin, call: path, ms } of assembly.pending()) {
    // `trainer.thinker.plan`: the engine knows it as the call `plan`.
    const known = at(plugin, path.slice(path.lastIndexOf('.') + 1))
    set({ ...known, running: known.running + 1, oldest: Math.max(known.oldest, ms / 1000) })
  }
  for (const { plugin, call, count } of engine?.waiting() ?? []) {
    const known = at(plugin, call)
    if (count > 0) set({ ...known, waiting: known.waiting + count })
  }
  const spent = ledger.sums.all()
  const money = spent.some((row) => row.money !== undefined)
    ? spent.reduce((sum, row) => sum + (row.money ?? 0), 0)
    : undefined
  return { calls: [...calls.values()], ...(money !== undefined && { money }) }
}
